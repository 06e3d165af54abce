"""MMR1's variance-aware sampling (arXiv 2509.21268): ask what yields different rewards and replies.

A prompt is promising by VPS = alpha * OVS + beta * TDS: the variance of its outcomes, p (1 - p) for
right and wrong, and the diversity of its replies (`text_diversity`). Of each batch a share lambda
is drawn in proportion to VPS, the rest uniformly. Alpha, beta and lambda are the paper's.

What differs from the published code, which `vas-published` keeps: the diversity counts for an item
and not against it (there a self-BLEU, a similarity, enters with a plus); an item's score moves with
each report instead of standing still (there the momentum 1.0 keeps the first score for ever); no
item's probability is 0 (there the least of all is, by min-max scaling); scores come from the groups
that are trained on, without passes over the whole dataset; the uniform part goes through all items
in turn, shuffled anew each time; and no item comes twice in a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rm_curriculum.estimators import UNIT, UNSEEN, Columns, prior
from rm_curriculum.items import Table
from rm_curriculum.outcome import Report
from rm_curriculum.policy import Policy, Pool
from rm_curriculum.schedules.random import ALL
from rm_curriculum.schedules.schedule import Schedule, Stage, checked
from rm_curriculum.weighted import Weighted
from rm_curriculum.weights import FIRST, TOP


@dataclass(frozen=True, slots=True)
class Vas(Schedule):
    """Draws by VPS.

    Attributes:
        alpha: Weight of the variance of the outcomes, OVS.
        beta: Weight of the diversity of the replies, TDS; 0 for those without `diversity`.
        share: Lambda, the part of the draws that goes by VPS.
        momentum: How much of its old score an item keeps at a report, in [0, 1). The paper's is not
            known; the published code's, 1.0, keeps all.
        floor: The least weight, as part of the largest there can be.
        unseen_first: Whether items that were never reported go before all others. If not, their
            score is that of their difficulty, with half the largest diversity.
        scale: The range of the rewards.
    """

    name: str = "vas"
    stages: tuple[Stage, ...] = (ALL,)
    alpha: float = 0.8
    beta: float = 0.2
    share: float = 0.5
    momentum: float = 0.5
    floor: float = 0.02
    unseen_first: bool = False
    scale: float = 1.0

    adaptive: ClassVar[bool] = True
    reactive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        Schedule.__post_init__(self)
        checked(
            self,
            stages=(self.takes_all, "one stage for all items"),
            alpha=(self.alpha >= 0, "0 or more"),
            beta=(self.beta >= 0 and self.alpha + self.beta > 0, "0 or more, one of the two above"),
            share=(0 <= self.share <= 1, "0 to 1"),
            momentum=(0 <= self.momentum < 1, "0 to below 1: with 1 no score would ever move"),
            floor=(0 < self.floor <= 1, "above 0, at most 1"),
            scale=(self.scale > 0, "a number above 0"),
        )

    def start(self, pool: Pool) -> Policy:
        """Begin with the scores that the difficulties give."""
        return Weighted(pool, Promise(pool.table, self), share=self.share)


class Promise:
    """Moving means of OVS and TDS of each item, and its VPS as a weight.

    Args:
        table: The items.
        options: How they are weighed.
    """

    def __init__(self, table: Table, options: Vas) -> None:
        self._table = table
        self._momentum, self._per_square = options.momentum, 1.0 / options.scale**2
        self._unseen_first = options.unseen_first
        top = options.alpha / 4.0 + options.beta
        self._alpha = options.alpha / top * TOP / UNIT
        self._beta = options.beta / top * TOP / UNIT
        self._floor = int(options.floor * TOP)
        self._columns = Columns(len(table), "variance", "diversity", start=UNSEEN)
        self.state, self.restore = self._columns.state, self._columns.restore

    def observe(self, reports: Sequence[Report]) -> tuple[Sequence[int], Sequence[int]]:
        """Move both means, and weigh the items."""
        spreads, differences = self._columns.first, self._columns.second
        keep, to_unit = self._momentum, self._per_square * UNIT
        alpha, beta, floor = self._alpha, self._beta, self._floor
        items: list[int] = []
        weights: list[int] = []
        for _, item, (_, _, variance, _, diversity) in reports:
            spread = variance * to_unit
            if spread > UNIT:
                spread = UNIT
            difference = diversity * UNIT if diversity else 0.0
            old = spreads[item]
            if old != UNSEEN:
                spread += keep * (old - spread)
                difference += keep * (differences[item] - difference)
            spreads[item] = held = int(spread + 0.5)
            differences[item] = other = int(difference + 0.5)
            weight = int(alpha * held + beta * other)
            items.append(item)
            weights.append(weight if floor < weight < TOP else floor if weight < TOP else TOP)
        return items, weights

    def weight(self, item: int) -> int:
        """Its VPS; before any report that of its prior and half the largest diversity."""
        spread, difference = self._columns.first[item], self._columns.second[item]
        if spread != UNSEEN:
            weight = int(self._alpha * spread + self._beta * difference)
            return min(TOP, max(self._floor, weight))
        if self._unseen_first:
            return TOP * FIRST
        share = prior(self._table, item)
        weight = int((self._alpha * share * (1.0 - share) + self._beta * 0.5) * UNIT)
        return max(self._floor, weight)


VAS: Final = Vas()
