"""What can go wrong with a measurement that is not the model's fault."""

from __future__ import annotations


class EvalError(ValueError):
    """Questions, pictures, settings or a run folder that cannot be used, and the way out."""


class PolicyError(ValueError):
    """A model or processor that cannot be loaded: which folder, what is missing, what to do."""
