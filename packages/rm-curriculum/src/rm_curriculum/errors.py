"""What can go wrong with a curriculum: its items, its schedule, its state."""

from __future__ import annotations


class CurriculumError(ValueError):
    """Items, a schedule or a state that cannot be used.

    Attributes:
        item: The id of the item at fault, or None where no single item is.
    """

    def __init__(self, message: str, *, item: str | None = None) -> None:
        self.item = item
        super().__init__(message)
