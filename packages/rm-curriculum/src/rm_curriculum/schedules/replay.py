"""RewardMap's stages with a floor of past stages in every batch, against forgetting.

A model that goes on to the next stage loses what it learnt in the last one; reasoning-gym's
curricula keep the last k levels for that reason. Of the draws of each stage but the first a share
`floor` goes to items of the `last_k` stages before it. The run is as much longer, so that no item
of a stage is dropped: each comes once an epoch beside the replays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rm_curriculum.adaptive import Adaptive
from rm_curriculum.order import shuffled
from rm_curriculum.plan import place
from rm_curriculum.policy import Choice, Policy, Pool
from rm_curriculum.replaying import past_item, replays
from rm_curriculum.schedules.rewardmap import STAGES
from rm_curriculum.schedules.schedule import Schedule, Stage, checked


@dataclass(frozen=True, slots=True)
class Replay(Schedule):
    """Stages in order, with a share of replays.

    Attributes:
        floor: The share of the draws of a stage that goes to past stages.
        last_k: How many stages back they may be; 0 for all.
    """

    name: str = "replay"
    stages: tuple[Stage, ...] = STAGES
    floor: float = 0.2
    last_k: int = 0

    adaptive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        Schedule.__post_init__(self)
        checked(
            self,
            floor=(0 <= self.floor <= 0.9, "0 to 0.9"),
            last_k=(self.last_k >= 0, "0 or more stages"),
        )

    def lengths(self, sizes: Sequence[int]) -> list[int]:
        """How many draws each stage has, replays included, for stages of so many items."""
        return [size if not at else self._length(size) for at, size in enumerate(sizes)]

    def _length(self, size: int) -> int:
        draws = int(size / (1.0 - self.floor))
        while draws - int(draws * self.floor) < size:
            draws += 1
        return draws

    def total(self, sizes: Sequence[int], epochs: int) -> int:
        """How many draws a run has, replays included."""
        return epochs * sum(self.lengths(sizes))

    def start(self, pool: Pool) -> Policy:
        """Begin with the first stage."""
        return _Replay(pool, self)


class _Replay(Adaptive):
    """All of it a function of the number of the draw."""

    def __init__(self, pool: Pool, schedule: Replay) -> None:
        super().__init__(pool)
        self._schedule = schedule
        lengths = schedule.lengths([len(members) for members in pool.members.values()])
        self._lengths = dict(zip(pool.members, lengths, strict=True))
        self._order: tuple[int, str, Sequence[int]] = (-1, "", ())

    def choose(self, first: int, n: int) -> Choice:
        """Up to `n` items of one stage, replays among them."""
        epoch, stage, offset = place(self._lengths, first)
        n = min(n, self._lengths[stage] - offset)
        past = self._past(stage)
        floor = self._schedule.floor if past else 0.0
        order = self._shuffle(epoch, stage)
        items: list[int] = []
        fresh = offset - int(offset * floor)
        for draw, again in enumerate(replays(offset, n, floor), first):
            items.append(past_item(self.pool, past, draw) if again else order[fresh])
            fresh += not again
        return Choice(stage, epoch, items)

    def where(self, draw: int) -> tuple[str, int]:
        """Stage and epoch of that draw."""
        epoch, stage, _ = place(self._lengths, draw)
        return stage, epoch

    def _past(self, stage: str) -> Sequence[str]:
        names = self.pool.stages()
        before = names[: names.index(stage)]
        return before[-self._schedule.last_k :] if self._schedule.last_k else before

    def _shuffle(self, epoch: int, stage: str) -> Sequence[int]:
        if self._order[:2] != (epoch, stage):
            members, ids = self.pool.members[stage], self.pool.table.ids
            order = shuffled(members, ids, seed=self.pool.seed, epoch=epoch, stage=stage)
            self._order = (epoch, stage, order)
        return self._order[2]


REPLAY: Final = Replay()
