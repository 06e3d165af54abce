"""The whole plan as a function of items, schedule and seed: who comes at which position."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from rm_curriculum.errors import CurriculumError
from rm_curriculum.order import shuffled
from rm_curriculum.schedules import Schedule


@dataclass(frozen=True, slots=True)
class Batch:
    """Items to ask together: all of one stage and epoch. `batch` and `epoch` count from 0."""

    batch: int
    stage: str
    epoch: int
    ids: tuple[str, ...]


class Plan:
    """All items of every stage once an epoch, shuffled inside each stage.

    A position is a number from 0 to `total`; only the order of the stage last asked for is kept.

    Attributes:
        types: The type of each item by its id.
        members: The sorted ids of each stage that has items, by its name, stages in order.
        total: How many positions there are: items x epochs.

    Raises:
        CurriculumError: If an item's type has no stage in the schedule.
    """

    def __init__(
        self, types: Mapping[str, str], schedule: Schedule, *, seed: int, epochs: int
    ) -> None:
        self.types = types
        self.total = epochs * len(types)
        self._seed = seed
        self._stage_of = {one: _stage(one, kind, schedule) for one, kind in types.items()}
        groups: dict[str, list[str]] = {stage.name: [] for stage in schedule.stages}
        for one in sorted(types):
            groups[self._stage_of[one]].append(one)
        self.members = {name: tuple(ids) for name, ids in groups.items() if ids}
        self._ends = tuple(accumulate(len(ids) for ids in self.members.values()))
        self._kept: tuple[int, str, tuple[str, ...]] | None = None

    def stage_of(self, identity: str) -> str:
        """The stage in which the item is asked.

        Raises:
            CurriculumError: If there is no such item.
        """
        if identity not in self._stage_of:
            raise CurriculumError(
                f"item {identity!r} is not among the {len(self.types)} items", item=identity
            )
        return self._stage_of[identity]

    def place(self, position: int) -> tuple[int, str, int]:
        """Epoch, stage, and place inside the stage of a position below `total`."""
        epoch, within = divmod(position, len(self.types))
        stage, end = next(
            pair for pair in zip(self.members, self._ends, strict=True) if within < pair[1]
        )
        return epoch, stage, within - (end - len(self.members[stage]))

    def order(self, epoch: int, stage: str) -> tuple[str, ...]:
        """The stage's ids in the order of that epoch."""
        if self._kept is None or self._kept[:2] != (epoch, stage):
            order = shuffled(self.members[stage], seed=self._seed, epoch=epoch, stage=stage)
            self._kept = (epoch, stage, order)
        return self._kept[2]

    def mixture(self, position: int) -> dict[str, float]:
        """The share of each type among the items before that position."""
        epoch, within = divmod(position, len(self.types))
        counts = Counter({kind: epoch * n for kind, n in Counter(self.types.values()).items()})
        for stage, end in zip(self.members, self._ends, strict=True):
            dealt = within - (end - len(self.members[stage]))
            if dealt > 0:
                counts.update(self.types[one] for one in self.order(epoch, stage)[:dealt])
        return {kind: n / position for kind, n in sorted(counts.items()) if n}


def _stage(identity: str, kind: str, schedule: Schedule) -> str:
    stage = schedule.stage_for(kind)
    if stage is None:
        known = ", ".join(known for stage in schedule.stages for known in stage.types)
        raise CurriculumError(
            f"item {identity!r}: type {kind!r} has no stage in schedule {schedule.name!r}, "
            f"expected one of {known}; or take the schedule 'random'",
            item=identity,
        )
    return stage.name
