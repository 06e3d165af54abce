"""Asks most what is solved half of the time: weight 4 p (1 - p), p from a fading Beta estimate.

A group teaches by its differences, and these are largest at p = 1/2. (The weighting by pass rates
that users of several trainers ask for; the variance term alone of MMR1, arXiv 2509.21268, but known
of each item from its own history, with a prior from its difficulty, and never zero.) With the
estimator `ema` the weight is four times the real variance of the rewards: for graded rewards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rm_curriculum.estimators import Estimator, estimator
from rm_curriculum.outcome import Report
from rm_curriculum.policy import Policy, Pool
from rm_curriculum.schedules.random import ALL
from rm_curriculum.schedules.schedule import Schedule, Stage, checked
from rm_curriculum.weighted import Weighted
from rm_curriculum.weights import FIRST, TOP


@dataclass(frozen=True, slots=True)
class Variance(Schedule):
    """Draws by the expected variance of an item's rewards.

    Attributes:
        estimator: `beta` counts right and wrong replies; `ema` keeps the variance of the rewards.
        half_life: After how many reports of the item an old one counts half.
        strength: How many pseudo replies the prior from the difficulty is worth (`beta` alone).
        share: The part of the draws that goes by weight; the rest goes through all items in turn.
        floor: The least weight, as part of the largest there can be.
        unseen_first: Whether items that were never reported go before all others.
        scale: The range of the rewards (`ema` alone).
    """

    name: str = "variance"
    stages: tuple[Stage, ...] = (ALL,)
    estimator: str = "beta"
    half_life: float = 4.0
    strength: float = 4.0
    share: float = 0.8
    floor: float = 0.05
    unseen_first: bool = False
    scale: float = 1.0

    adaptive: ClassVar[bool] = True
    reactive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        Schedule.__post_init__(self)
        checked(
            self,
            stages=(self.takes_all, "one stage for all items"),
            estimator=(self.estimator in ("ema", "beta"), "ema or beta"),
            half_life=(self.half_life > 0, "a number above 0"),
            strength=(self.strength > 0, "a number above 0"),
            share=(0 <= self.share <= 1, "0 to 1"),
            floor=(0 < self.floor <= 1, "above 0, at most 1"),
            scale=(self.scale > 0, "a number above 0"),
        )

    def start(self, pool: Pool) -> Policy:
        """Begin with the weights that the difficulties give."""
        known = estimator(
            self.estimator,
            pool.table,
            half_life=self.half_life,
            strength=self.strength,
            scale=self.scale,
        )
        worth = _Worth(known, floor=self.floor, unseen_first=self.unseen_first)
        return Weighted(pool, worth, share=self.share)


class _Worth:
    """Four times the expected variance."""

    def __init__(self, known: Estimator, *, floor: float, unseen_first: bool) -> None:
        self._known, self._floor = known, int(floor * TOP)
        self._unseen_first = unseen_first
        self.state, self.restore = known.state, known.restore

    def observe(self, reports: Sequence[Report]) -> tuple[Sequence[int], Sequence[int]]:
        """Hand them on, and weigh the items."""
        observe = self._known.observe
        for _, item, outcome in reports:
            observe(item, outcome)
        items = [item for _, item, _ in reports]
        return items, list(map(self.weight, items))

    def weight(self, item: int) -> int:
        """The weight, at least the floor."""
        if self._unseen_first and not self._known.seen(item):
            return TOP * FIRST
        return min(TOP, max(self._floor, int(4.0 * TOP * self._known.variance(item))))


VARIANCE: Final = Variance()
