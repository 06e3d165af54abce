"""Variance-aware sampling as MMR1's published code does it, faults included, for reproduction.

See `vas` for the method (arXiv 2509.21268) and for what differs. Here:

- Before weights act, every item is drawn once: the code scores the whole dataset by rollouts first.
- Scores are taken anew every `every` batches and scaled to [0, 1] by their minimum and maximum, so
  that the least promising item is never drawn by weight. (If all are equal, all get 0 there and the
  draw fails; here it is uniform then.)
- new = momentum * old + (1 - momentum) * fresh, with momentum 1.0: the first scores stay for ever.
- With beta above 0 the *likeness* of the replies counts for an item.
- floor(lambda B) of a batch of B are drawn with replacement; the rest comes from one shuffle that
  is gone through again and again.

The published settings use the variance alone (alpha 1, beta 0), lambda 0.5, every 4 batches.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar, Final

from rm_curriculum.adaptive import Adaptive
from rm_curriculum.estimators import UNIT, UNSEEN, Columns
from rm_curriculum.form import count, entry
from rm_curriculum.order import mixed
from rm_curriculum.outcome import Report
from rm_curriculum.packing import pack, unpack
from rm_curriculum.policy import Choice, Json, Policy, Pool
from rm_curriculum.schedules.random import ALL
from rm_curriculum.schedules.schedule import Schedule, Stage, checked

_NEVER: Final = -1.0


@dataclass(frozen=True, slots=True)
class VasPublished(Schedule):
    """Draws by scores as the published code keeps them.

    Attributes:
        alpha: Weight of the variance of the outcomes.
        beta: Weight of the likeness of the replies, 1 - diversity.
        share: Lambda, the part of a batch that goes by weight.
        momentum: How much of its old weight an item keeps when scores are taken anew.
        every: After how many batches that is.
    """

    name: str = "vas-published"
    stages: tuple[Stage, ...] = (ALL,)
    alpha: float = 1.0
    beta: float = 0.0
    share: float = 0.5
    momentum: float = 1.0
    every: int = 4

    adaptive: ClassVar[bool] = True
    reactive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        Schedule.__post_init__(self)
        checked(
            self,
            stages=(self.takes_all, "one stage for all items"),
            alpha=(self.alpha >= 0, "0 or more"),
            beta=(self.beta >= 0, "0 or more"),
            share=(0 <= self.share <= 1, "0 to 1"),
            momentum=(0 <= self.momentum <= 1, "0 to 1"),
            every=(self.every >= 1, "1 or more"),
        )

    def start(self, pool: Pool) -> Policy:
        """Begin with a pass over all items."""
        return PublishedVas(pool, self)


class PublishedVas(Adaptive):
    """One pass in turn, then part of each batch by weights that are refreshed now and then."""

    def __init__(self, pool: Pool, options: VasPublished) -> None:
        super().__init__(pool)
        self._options = options
        self._latest = Columns(len(pool.table), "variance", "likeness", start=UNSEEN)
        self._weights = array("f", [_NEVER]) * len(pool.table)
        self._ends: list[float] = []
        self._batches, self._turned = 0, 0
        self._turn: Sequence[int] = ()

    def choose(self, first: int, n: int) -> Choice:
        """In the first pass all in turn; then some by weight, with repeats, the rest in turn."""
        epoch = first // self.size
        if not epoch:
            return Choice(self.stage, 0, self._in_turn(min(n, self.size - first)))
        if self._batches % self._options.every == 0:
            self._refresh()
        self._batches += 1
        by_weight = int(n * self._options.share)
        heavy = [self._by_weight(draw) for draw in range(first, first + by_weight)]
        return Choice(self.stage, epoch, [*heavy, *self._in_turn(n - by_weight)])

    def _by_weight(self, draw: int) -> int:
        share = self.pool.words.share(draw)
        if not self._ends[-1]:
            return int(share * self.size)
        return min(bisect_right(self._ends, share * self._ends[-1]), self.size - 1)

    def _in_turn(self, n: int) -> list[int]:
        if not self._turn:
            members = self.pool.members[self.stage]
            self._turn = mixed(members, seed=self.pool.seed, epoch=0, stage=self.stage)
        first, self._turned = self._turned, self._turned + n
        return [self._turn[place % self.size] for place in range(first, first + n)]

    def _refresh(self) -> None:
        options, latest = self._options, self._latest
        fresh = [
            (options.alpha * spread + options.beta * likeness) / UNIT
            if spread != UNSEEN
            else options.alpha / 4.0  # in flight since the first pass
            for spread, likeness in zip(latest.first, latest.second, strict=True)
        ]
        least, span = min(fresh), max(fresh) - min(fresh)
        keep = options.momentum
        for item, score in enumerate(fresh):
            scaled = (score - least) / span if span else 0.0
            old = self._weights[item]
            self._weights[item] = scaled if old == _NEVER else keep * old + (1.0 - keep) * scaled
        self._ends = list(accumulate(self._weights))

    def observe(self, reports: Sequence[Report]) -> None:
        """Keep the latest variance and likeness of each item."""
        for _, item, (_, _, variance, _, diversity) in reports:
            self._latest.first[item] = round(min(1.0, variance) * UNIT)
            likeness = 0.0 if diversity is None else 1.0 - diversity
            self._latest.second[item] = round(likeness * UNIT)

    def state(self) -> dict[str, Json]:
        """The latest scores, the weights, and how many batches went by weight, draws in turn."""
        counts = {"batches": self._batches, "turned": self._turned}
        return {**counts, "weights": pack(self._weights), **self._latest.state()}

    def restore(self, state: Mapping[str, object]) -> None:
        """Take scores, weights and number of batches of a state."""
        self._latest.restore(state)
        size = len(self.pool.table)
        self._weights = unpack(entry(state, "weights"), "f", name="weights", length=size)
        self._batches, self._turned = count(state, "batches"), count(state, "turned")
        self._ends = list(accumulate(self._weights))

    def metrics(self) -> dict[str, Json]:
        """How many items are never drawn by weight, and how many batches went by weight."""
        never = self._weights.count(0.0)
        return {"never": never, "batches": self._batches}


VAS_PUBLISHED: Final = VasPublished()
