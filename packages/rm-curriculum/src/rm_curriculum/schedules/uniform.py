"""Each draw any item, all alike and independent: the baseline of every draw by weight.

Unlike `random` it repeats items before all have been asked: after an epoch's draws of many items
1/e of them, 37 %, have not come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from rm_curriculum.adaptive import Adaptive
from rm_curriculum.policy import Choice, Policy, Pool
from rm_curriculum.schedules.random import ALL
from rm_curriculum.schedules.schedule import Schedule, Stage, checked


@dataclass(frozen=True, slots=True)
class Uniform(Schedule):
    """Draws uniformly, with replacement."""

    name: str = "uniform"
    stages: tuple[Stage, ...] = (ALL,)

    adaptive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        Schedule.__post_init__(self)
        checked(self, stages=(self.takes_all, "one stage for all items"))

    def start(self, pool: Pool) -> Policy:
        """Begin."""
        return _Uniform(pool)


class _Uniform(Adaptive):
    def choose(self, first: int, n: int) -> Choice:
        size = self.size
        items = [word * size >> 64 for word in self.pool.words.span(first, n)]
        return Choice(self.stage, first // size, items)


UNIFORM: Final = Uniform()
