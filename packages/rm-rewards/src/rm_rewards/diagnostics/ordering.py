"""How well values put right replies above wrong ones, from their counts alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

_DIGITS: Final = 4


@dataclass(slots=True)
class Ordering:
    """The values of right and of wrong replies, rounded to 4 digits and counted.

    Memory grows with the number of different values, not of replies.
    """

    right: Counter[float] = field(default_factory=Counter[float])
    wrong: Counter[float] = field(default_factory=Counter[float])

    def add(self, value: float, *, correct: bool) -> None:
        """Count one reply."""
        (self.right if correct else self.wrong)[round(value, _DIGITS)] += 1

    def pairs(self) -> Pairs:
        """All pairs of a right and a wrong reply, counted by which has the greater value."""
        above = ties = 0
        wrong = sorted(self.wrong.items())
        at = below = 0
        for value, count in sorted(self.right.items()):
            while at < len(wrong) and wrong[at][0] < value:
                below += wrong[at][1]
                at += 1
            above += count * below
            ties += count * self.wrong[value]
        everything = self.right.total() * self.wrong.total()
        return Pairs(right_above=above, ties=ties, wrong_above=everything - above - ties)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Pairs of a right and a wrong reply, by which of them has the greater value."""

    right_above: int = 0
    ties: int = 0
    wrong_above: int = 0

    def __add__(self, other: Pairs) -> Pairs:
        return Pairs(
            right_above=self.right_above + other.right_above,
            ties=self.ties + other.ties,
            wrong_above=self.wrong_above + other.wrong_above,
        )

    @property
    def count(self) -> int:
        """How many pairs there are."""
        return self.right_above + self.ties + self.wrong_above

    @property
    def auc(self) -> float | None:
        """P(right > wrong) + P(tie) / 2, from 0 to 1; None without a pair."""
        return (self.right_above + self.ties / 2) / self.count if self.count else None

    @property
    def inversions(self) -> float | None:
        """P(wrong > right), from 0 to 1; None without a pair."""
        return self.wrong_above / self.count if self.count else None
