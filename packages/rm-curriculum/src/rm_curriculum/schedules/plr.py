"""Prioritised level replay (arXiv 2010.03934): by rank of a learning score, mixed with staleness.

While there are items that were never drawn, a share `fresh` of the draws goes to them, in a
shuffled order. The others replay: with the chance `staleness` an item in proportion to the draws
since its last, else one by the rank of its score, P(rank) ~ rank^(-1/temperature). The paper's
temperature and staleness for Procgen are both 0.1. The score is how much an item taught last: the
mean absolute advantage of its group, 2 sqrt(p (1 - p)) for right and wrong (see `bandit`), faded by
`rate`. No item comes twice in a batch while there are others.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right, insort
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import sqrt
from typing import ClassVar, Final

from rm_curriculum.adaptive import Adaptive
from rm_curriculum.estimators import UNIT, UNSEEN
from rm_curriculum.form import count, entry
from rm_curriculum.order import mixed
from rm_curriculum.outcome import Report
from rm_curriculum.packing import pack, unpack
from rm_curriculum.policy import Choice, Json, Policy, Pool
from rm_curriculum.ranks import Ranks
from rm_curriculum.schedules.random import ALL
from rm_curriculum.schedules.schedule import Schedule, Stage, checked

_TRIES: Final = 64


@dataclass(frozen=True, slots=True)
class Plr(Schedule):
    """Replays by rank and staleness.

    Attributes:
        temperature: How evenly ranks are drawn: near 0 the first alone, large all alike.
        staleness: The chance of a replay by staleness.
        fresh: The share of the draws that goes to items never drawn, while there are any.
        rate: How fast a score follows, above 0 and at most 1.
        scale: The range of the rewards.
    """

    name: str = "plr"
    stages: tuple[Stage, ...] = (ALL,)
    temperature: float = 0.1
    staleness: float = 0.1
    fresh: float = 0.5
    rate: float = 0.5
    scale: float = 1.0

    adaptive: ClassVar[bool] = True
    reactive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        Schedule.__post_init__(self)
        checked(
            self,
            stages=(self.takes_all, "one stage for all items"),
            temperature=(self.temperature >= 0.01, "0.01 or more"),
            staleness=(0 <= self.staleness <= 1, "0 to 1"),
            fresh=(0 < self.fresh <= 1, "above 0, at most 1"),
            rate=(0 < self.rate <= 1, "above 0, at most 1"),
            scale=(self.scale > 0, "a number above 0"),
        )

    def start(self, pool: Pool) -> Policy:
        """Begin with nothing drawn."""
        return _Replays(pool, self)


class _Replays(Adaptive):
    """The score of each item, and how many were drawn."""

    def __init__(self, pool: Pool, options: Plr) -> None:
        super().__init__(pool)
        self._options = options
        members = pool.members[self.stage]
        self._order = mixed(members, seed=pool.seed, epoch=0, stage=self.stage)
        self._drawn = 0
        self._scores = array("H", [UNSEEN]) * len(pool.table)
        self._ranks = Ranks(())
        power = -1.0 / options.temperature
        self._ends = list(accumulate(rank**power for rank in range(1, self.size + 1)))
        self._line: deque[tuple[int, int]] = deque()

    def choose(self, first: int, n: int) -> Choice:
        """New items and replays, each draw by chance."""
        taken: set[int] = set()
        ranks: list[int] = []
        items: list[int] = []
        for draw in range(first, first + n):
            item = self._item(draw, taken, ranks)
            taken.add(item)
            items.append(item)
        self._line.extend((draw + 1, item) for draw, item in enumerate(items, first))
        return Choice(self.stage, first // self.size, items)

    def _item(self, draw: int, taken: set[int], ranks: list[int]) -> int:
        words, left = self.pool.words, len(self._ranks) - len(ranks)
        if self._drawn < self.size and (not left or words.share(draw) < self._options.fresh):
            self._drawn += 1
            return self._order[self._drawn - 1]
        if left and words.share(draw, 1) >= self._options.staleness:
            return self._ranked(draw, ranks, left)
        item = self._stale(draw, taken)
        if self._scores[item] != UNSEEN and item not in taken:
            insort(ranks, self._ranks.rank(self._scores[item], item))
        return item

    def _ranked(self, draw: int, ranks: list[int], left: int) -> int:
        """By rank among those that are not in the batch: `ranks` are the ones that are."""
        share = self.pool.words.share(draw, 2) * self._ends[left - 1]
        rank = min(bisect_right(self._ends, share, 0, left), left - 1)
        for other in ranks:
            if other > rank:
                break
            rank += 1
        insort(ranks, rank)
        return self._ranks.item(rank)

    def _stale(self, draw: int, taken: set[int]) -> int:
        last, line = self.pool.last, self._line
        while line and last[line[0][1]] != line[0][0]:
            line.popleft()  # drawn again since
        oldest = draw + 1 - (line[0][0] if line else 0)
        item = self._order[0]
        for attempt in range(2, _TRIES):
            word = self.pool.words.of(draw, attempt)
            item = self._order[(word >> 32) * self._drawn >> 32]
            age = draw + 1 - last[item]
            if (word & 0xFFFFFFFF) * oldest >> 32 < age and item not in taken:
                break
        return item

    def observe(self, reports: Sequence[Report]) -> None:
        """Move the scores."""
        rate, scale = self._options.rate, self._options.scale
        for _, item, (_, _, variance, _, _) in reports:
            fresh, old = min(1.0, 2.0 * sqrt(variance) / scale) * UNIT, self._scores[item]
            if old != UNSEEN:
                self._ranks.remove(old, item)
                fresh = old + rate * (fresh - old)
            self._scores[item] = round(fresh)
            self._ranks.add(self._scores[item], item)

    def state(self) -> dict[str, Json]:
        """The scores, and how many items were drawn."""
        return {"drawn": self._drawn, "scores": pack(self._scores)}

    def restore(self, state: Mapping[str, object]) -> None:
        """Take both from a state."""
        size = len(self.pool.table)
        self._scores = unpack(entry(state, "scores"), "H", name="scores", length=size)
        self._drawn = count(state, "drawn", most=self.size)
        scored = enumerate(self._scores)
        self._ranks = Ranks((score, item) for item, score in scored if score != UNSEEN)
        self._line = deque(sorted((last, i) for i, last in enumerate(self.pool.last) if last))

    def metrics(self) -> dict[str, Json]:
        """The share of items ever drawn, and the score of the first rank."""
        best = self._scores[self._ranks.item(0)] / UNIT if len(self._ranks) else 0.0
        return {"drawn": self._drawn / self.size, "best": best}


PLR: Final = Plr()
