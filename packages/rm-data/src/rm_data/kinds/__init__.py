"""Types of questions besides the published six: each one file, found by its name."""

from rm_data.kinds.registry import Kind, Maker, kinds, load_kinds, register

__all__ = ["Kind", "Maker", "kinds", "load_kinds", "register"]
