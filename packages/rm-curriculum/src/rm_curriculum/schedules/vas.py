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

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from rm_curriculum.estimators import UNIT, UNSEEN, Columns, prior
from rm_curriculum.items import Table
from rm_curriculum.outcome import Outcome
from rm_curriculum.policy import Policy, Pool
from rm_curriculum.schedules.random import ALL
from rm_curriculum.schedules.schedule import Schedule, Stage, checked
from rm_curriculum.weighted import Weighted


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
        known = Promise(pool.table, momentum=self.momentum, scale=self.scale)
        top = self.alpha / 4.0 + self.beta
        alpha, beta = self.alpha / top, self.beta / top
        return Weighted(
            pool,
            known,
            lambda item: min(1.0, alpha * known.variance(item) + beta * known.diversity(item)),
            share=self.share,
            floor=self.floor,
            unseen_first=self.unseen_first,
        )


class Promise:
    """Moving means of OVS and TDS of each item; an `Estimator`.

    Args:
        table: The items.
        momentum: How much of the old mean a report keeps.
        scale: The range of the rewards.
    """

    def __init__(self, table: Table, *, momentum: float, scale: float) -> None:
        self._table = table
        self._momentum, self._per_square = momentum, 1.0 / (scale * scale)
        self._columns = Columns(len(table), "variance", "diversity", start=UNSEEN)

    def observe(self, item: int, outcome: Outcome) -> None:
        """Move both means."""
        spreads, differences = self._columns.first, self._columns.second
        spread = min(1.0, outcome.variance * self._per_square)
        difference = outcome.diversity or 0.0
        old = spreads[item]
        if old != UNSEEN:
            keep = self._momentum
            spread += keep * (old / UNIT - spread)
            difference += keep * (differences[item] / UNIT - difference)
        spreads[item], differences[item] = int(spread * UNIT + 0.5), int(difference * UNIT + 0.5)

    def seen(self, item: int) -> bool:
        """Whether the item was reported."""
        return self._columns.first[item] != UNSEEN

    def accuracy(self, item: int) -> float:
        """Its prior: reports are not kept apart."""
        return prior(self._table, item)

    def variance(self, item: int) -> float:
        """Its OVS; before any report p (1 - p) of its prior."""
        found = self._columns.first[item]
        if found != UNSEEN:
            return found / UNIT
        share = prior(self._table, item)
        return share * (1.0 - share)

    def diversity(self, item: int) -> float:
        """Its TDS; before any report a half."""
        found = self._columns.second[item]
        return 0.5 if found == UNSEEN else found / UNIT

    def state(self) -> dict[str, str]:
        """The columns, packed."""
        return self._columns.state()

    def restore(self, state: Mapping[str, object]) -> None:
        """Take the columns of a state."""
        self._columns.restore(state)


VAS: Final = Vas()
