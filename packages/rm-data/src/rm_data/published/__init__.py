"""The published question sets, read by hub name or from a folder, as our own question files."""

from rm_data.published.files import Written, write_published
from rm_data.published.sets import SETS

__all__ = ["SETS", "Written", "write_published"]
