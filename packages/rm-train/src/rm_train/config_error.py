"""The error for settings, in a module that nothing else of the package is loaded for."""

from __future__ import annotations


class ConfigError(ValueError):
    """A setting that cannot be used: which one, what was found, what was expected."""
