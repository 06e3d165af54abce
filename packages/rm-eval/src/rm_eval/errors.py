"""What can go wrong with a measurement that is not the model's fault."""

from __future__ import annotations


class EvalError(ValueError):
    """Questions, pictures, settings or a run folder that cannot be used, and the way out."""


class RefusedError(EvalError):
    """A server refuses one prompt for what is in it; others may still be answered."""


class PolicyError(ValueError):
    """A model or processor that cannot be loaded: which folder, what is missing, what to do."""
