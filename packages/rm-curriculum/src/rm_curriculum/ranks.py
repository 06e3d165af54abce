"""Items in the order of a score that changes: the item of a rank, in little time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from itertools import accumulate
from typing import Final

_LONGEST: Final = 1_024


class Ranks:
    """Items by score, highest first, equal ones by item. What it gives follows from these alone.

    Rows of at most `_LONGEST` keys, each in order, so that a change moves few.

    Args:
        scored: Pairs of a score, a whole number from 0, and an item.
    """

    def __init__(self, scored: Iterable[tuple[int, int]]) -> None:
        keys = sorted(_key(score, item) for score, item in scored)
        half = _LONGEST // 2
        self._rows = [keys[at : at + half] for at in range(0, len(keys), half)]
        self._ends: list[int] = []
        self._size = len(keys)

    def __len__(self) -> int:
        return self._size

    def add(self, score: int, item: int) -> None:
        """Put an item in."""
        self._ends = []
        self._size += 1
        key = _key(score, item)
        at = min(self._row(key), len(self._rows) - 1)
        if at < 0:
            self._rows.append([key])
            return
        row = self._rows[at]
        insort(row, key)
        if len(row) > _LONGEST:
            self._rows[at : at + 1] = [row[: _LONGEST // 2], row[_LONGEST // 2 :]]

    def remove(self, score: int, item: int) -> None:
        """Take an item out that is there with that score."""
        self._ends = []
        self._size -= 1
        key = _key(score, item)
        at = self._row(key)
        row = self._rows[at]
        del row[bisect_left(row, key)]
        if not row:
            del self._rows[at]

    def item(self, rank: int) -> int:
        """The item of that rank, from 0, the highest score."""
        ends = self._sums()
        at = bisect_right(ends, rank)
        before = ends[at - 1] if at else 0
        return self._rows[at][rank - before] & 0xFFFFFFFF

    def rank(self, score: int, item: int) -> int:
        """The rank of an item that is there with that score."""
        key = _key(score, item)
        at = self._row(key)
        return (self._sums()[at - 1] if at else 0) + bisect_left(self._rows[at], key)

    def _sums(self) -> list[int]:
        if not self._ends:
            self._ends = list(accumulate(map(len, self._rows)))
        return self._ends

    def _row(self, key: int) -> int:
        low, high = 0, len(self._rows)
        while low < high:
            middle = (low + high) // 2
            if self._rows[middle][-1] < key:
                low = middle + 1
            else:
                high = middle
        return low


def _key(score: int, item: int) -> int:
    return (0xFFFF - score) << 32 | item
