"""What the questions of a test have in common with those of a training."""

from rm_data.leaks.compare import CODES, Leak, leaks
from rm_data.leaks.shape import shape

__all__ = ["CODES", "Leak", "leaks", "shape"]
