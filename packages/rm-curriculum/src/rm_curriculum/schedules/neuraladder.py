"""Observe-R1's NeuraLadder: from easy and short to hard and long (arXiv 2505.12432).

Each item is answered eight times beforehand; its difficulty is 1 - right / 8, its complexity the
mean length of the replies. Items are sorted by difficulty, then complexity. Each level is smoothed:
a part of it is taken from its four neighbours, two below and two above. How large that part is, is
not published; here it is `neighbours`. What the first model solves eight times of eight in few
tokens is dropped there; here what is shorter than `shortest`, by default nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan
from typing import Final

from rm_curriculum.items import Table
from rm_curriculum.order import jitter
from rm_curriculum.plan import PlanPolicy
from rm_curriculum.policy import Policy, Pool
from rm_curriculum.schedules.schedule import Schedule, Stage, checked

RUNGS: Final = 9
_NEAR: Final = (-2, -1, 1, 2)


@dataclass(frozen=True, slots=True)
class NeuraLadder(Schedule):
    """A ladder of difficulties; every item needs one.

    Attributes:
        neighbours: The part of the items that is asked one or two levels early or late.
        shortest: Items that are always solved, in fewer tokens than that, are left out.
    """

    name: str = "neuraladder"
    stages: tuple[Stage, ...] = tuple(
        Stage(f"level-{level}", (str(level),), optional=True) for level in range(RUNGS)
    )
    neighbours: float = 0.2
    shortest: float = 0.0

    def __post_init__(self) -> None:
        Schedule.__post_init__(self)
        checked(
            self,
            neighbours=(0 <= self.neighbours < 1, "0 to below 1"),
            shortest=(self.shortest >= 0, "0 or more tokens"),
        )

    def kinds(self, table: Table) -> Sequence[str | None]:
        """The level of each item: how many replies of eight are wrong."""
        top = len(self.stages) - 1
        levels = [round(table.known_difficulty(item) * top) for item in range(len(table))]
        return [
            None if level == 0 and table.complexity[item] < self.shortest else str(level)
            for item, level in enumerate(levels)
        ]

    def start(self, pool: Pool) -> Policy:
        """Begin with the easiest."""
        return PlanPolicy(_smoothed(pool, self), _sorted)


def _smoothed(pool: Pool, schedule: NeuraLadder) -> Pool:
    """The pool with part of the items moved to levels near their own, as far as there are any."""
    names = [stage.name for stage in schedule.stages]
    members: dict[str, list[int]] = {name: [] for name in names}
    for level, name in enumerate(names):
        for item in pool.members.get(name, ()):
            chance = jitter(pool.table.ids[item], seed=pool.seed, epoch=0, purpose="neighbours")
            to = level
            if chance < schedule.neighbours:
                to += _NEAR[int(chance / schedule.neighbours * len(_NEAR))]
            members[names[to] if 0 <= to < len(names) else name].append(item)
    filled = {name: held for name, held in members.items() if held}
    return replace(pool, members=filled)


def _sorted(pool: Pool, stage: str, epoch: int) -> Sequence[int]:
    table = pool.table

    def rank(item: int) -> tuple[float, float, float]:
        length = table.complexity[item]
        tie = jitter(table.ids[item], seed=pool.seed, epoch=epoch, purpose=stage)
        return (0.0 if isnan(length) else length, table.difficulty[item], tie)

    return sorted(pool.members[stage], key=rank)


NEURALADDER: Final = NeuraLadder()
