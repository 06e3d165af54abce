"""What is known of each item: how often it is solved, how much its replies differ.

Four bytes an item, fixed-point, so that what is held is what is saved. An item that was never
reported is worth its prior: a share 1 - difficulty is right, a half where the difficulty is
unknown.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from math import isnan
from typing import Any, Final, Protocol

from rm_curriculum.errors import CurriculumError
from rm_curriculum.form import entry
from rm_curriculum.items import Table
from rm_curriculum.outcome import Outcome, share_of
from rm_curriculum.packing import pack, unpack

UNIT: Final = 60_000
"""The share 1.0 as a whole number of 16 bits."""
UNSEEN: Final = 65_535
PSEUDO: Final = 256
"""One pseudo reply as a whole number of 16 bits: counts go up to 255."""


def decay(half_life: float) -> float:
    """The factor by which old reports fade a report, so that they count half after `half_life`."""
    return 0.5 ** (1.0 / half_life)


def prior(table: Table, item: int) -> float:
    """The share of right replies that is expected before any report: 1 - difficulty, or a half."""
    found = table.difficulty[item]
    return 0.5 if isnan(found) else 1.0 - found


class Estimator(Protocol):
    """What is known of each item."""

    def observe(self, item: int, outcome: Outcome) -> None:
        """Take in what a group of replies earned."""
        ...

    def seen(self, item: int) -> bool:
        """Whether the item was reported."""
        ...

    def accuracy(self, item: int) -> float:
        """The expected share of right replies."""
        ...

    def variance(self, item: int) -> float:
        """The expected variance of the rewards in a group, where these range from 0 to 1."""
        ...

    def state(self) -> dict[str, str]:
        """The columns, packed."""
        ...

    def restore(self, state: Mapping[str, object]) -> None:
        """Take the columns of a state.

        Raises:
            CurriculumError: If they are not there, or not of this many items.
        """
        ...


class Columns:
    """Two columns of 16 bits an item, by name."""

    def __init__(self, size: int, first: str, second: str, *, start: int) -> None:
        self.names = (first, second)
        self.first = array("H", [start]) * size
        self.second = array("H", [start]) * size

    def state(self) -> dict[str, str]:
        """The columns, packed."""
        return {self.names[0]: pack(self.first), self.names[1]: pack(self.second)}

    def restore(self, state: Mapping[str, object]) -> None:
        """Take the columns of a state.

        Raises:
            CurriculumError: If they are not there, or not of this many items.
        """
        size = len(self.first)
        found: list[array[Any]] = [
            unpack(entry(state, name), "H", name=name, length=size) for name in self.names
        ]
        self.first[:], self.second[:] = found


class Ema:
    """Moving means of the accuracy and of the real reward variance of each item.

    mean <- keep * mean + (1 - keep) * new, begun with the first report. The variance is that of the
    rewards themselves: p (1 - p) holds for right and wrong alone, and is wrong for graded rewards.

    Args:
        table: The items.
        keep: How much of the old mean a report keeps, in [0, 1); `decay` makes it of a half-life.
        scale: The range of the rewards; variances are divided by its square.
    """

    def __init__(self, table: Table, *, keep: float, scale: float = 1.0) -> None:
        self._table = table
        self._keep, self._per_square = keep, 1.0 / (scale * scale)
        self._columns = Columns(len(table), "accuracy", "variance", start=UNSEEN)
        self.state, self.restore = self._columns.state, self._columns.restore

    def observe(self, item: int, outcome: Outcome) -> None:
        """Move both means."""
        shares, variances = self._columns.first, self._columns.second
        share = share_of(outcome)
        variance = min(1.0, outcome[2] * self._per_square)
        if shares[item] != UNSEEN:
            keep = self._keep
            share += keep * (shares[item] / UNIT - share)
            variance += keep * (variances[item] / UNIT - variance)
        shares[item], variances[item] = round(share * UNIT), round(variance * UNIT)

    def seen(self, item: int) -> bool:
        """Whether the item was reported."""
        return self._columns.first[item] != UNSEEN

    def accuracy(self, item: int) -> float:
        """The moving mean of its accuracy, or its prior."""
        found = self._columns.first[item]
        return prior(self._table, item) if found == UNSEEN else found / UNIT

    def variance(self, item: int) -> float:
        """The moving mean of its reward variance; before any report p (1 - p) of its prior."""
        found = self._columns.second[item]
        if found != UNSEEN:
            return found / UNIT
        share = prior(self._table, item)
        return share * (1.0 - share)


class Beta:
    """A Beta distribution of the share of right replies of each item, whose old counts fade.

    A report of k replies with accuracy a adds k a to the right and k (1 - a) to the wrong ones,
    after both have faded. The prior counts `strength` pseudo replies, and does not fade.

    Args:
        table: The items.
        half_life: After how many reports of the item an old one counts half.
        strength: How many pseudo replies the prior is worth, above 0.
    """

    def __init__(self, table: Table, *, half_life: float, strength: float) -> None:
        self._table = table
        self._keep, self._strength = decay(half_life), strength
        self._columns = Columns(len(table), "right", "wrong", start=0)
        self.state, self.restore = self._columns.state, self._columns.restore

    def observe(self, item: int, outcome: Outcome) -> None:
        """Let the old counts fade, and add the new."""
        right, wrong = self._columns.first, self._columns.second
        replies = outcome[0] * PSEUDO
        good = share_of(outcome) * replies
        bad = replies - good
        right[item] = min(65_535, round(self._keep * right[item] + good))
        wrong[item] = min(65_535, round(self._keep * wrong[item] + bad))

    def seen(self, item: int) -> bool:
        """Whether the item was reported."""
        return self._columns.first[item] != 0 or self._columns.second[item] != 0

    def accuracy(self, item: int) -> float:
        """The mean of the distribution."""
        right, wrong = self._counts(item)
        return right / (right + wrong)

    def variance(self, item: int) -> float:
        """The mean of p (1 - p) under the distribution: below that of the mean p while unsure."""
        right, wrong = self._counts(item)
        total = right + wrong
        return right * wrong / (total * (total + 1.0))

    def _counts(self, item: int) -> tuple[float, float]:
        share = prior(self._table, item)
        right = self._columns.first[item] / PSEUDO + self._strength * share
        wrong = self._columns.second[item] / PSEUDO + self._strength * (1.0 - share)
        return right, wrong


def estimator(
    kind: str, table: Table, *, half_life: float, strength: float, scale: float
) -> Estimator:
    """The estimator of that name: ema or beta.

    Raises:
        CurriculumError: If there is none of that name.
    """
    if kind == "ema":
        return Ema(table, keep=decay(half_life), scale=scale)
    if kind == "beta":
        return Beta(table, half_life=half_life, strength=strength)
    raise CurriculumError(f"estimator: found {kind!r}, expected ema or beta")
