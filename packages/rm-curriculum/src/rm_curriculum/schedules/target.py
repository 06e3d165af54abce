"""AdaRFT (arXiv 2504.05520): ask what is nearest in difficulty to a target that follows the reward.

After each batch with the mean accuracy R the target moves: T <- T + eta tanh(alpha (R - beta)),
kept between the least and the greatest difficulty. The paper's settings on its scale of 0 to 100
are eta 50, alpha 2, beta 0.5 and T = 0 at the start; here the scale is 0 to 1, so eta is 0.5.

The published sampler takes the B nearest items each time, used or not, so that it repeats one batch
until the target moves. Here an item comes once an epoch: the nearest of those that are left. Among
equal difficulties the order is shuffled, anew in each epoch.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum, tanh
from typing import ClassVar, Final

from rm_curriculum.adaptive import Adaptive
from rm_curriculum.errors import CurriculumError
from rm_curriculum.form import entry, number
from rm_curriculum.nearest import Nearest
from rm_curriculum.order import mixed
from rm_curriculum.outcome import Report, share_of
from rm_curriculum.packing import pack, unpack
from rm_curriculum.policy import Choice, Json, Policy, Pool
from rm_curriculum.schedules.random import ALL
from rm_curriculum.schedules.schedule import Schedule, Stage, checked


@dataclass(frozen=True, slots=True)
class Target(Schedule):
    """The nearest difficulties to a moving target; every item needs a difficulty.

    Attributes:
        start_at: The target at the start, from 0 (easy) to 1 (hard).
        eta: The farthest step of the target.
        alpha: How sharply it reacts.
        beta: The accuracy at which it rests.
    """

    name: str = "target"
    stages: tuple[Stage, ...] = (ALL,)
    start_at: float = 0.0
    eta: float = 0.5
    alpha: float = 2.0
    beta: float = 0.5

    adaptive: ClassVar[bool] = True
    reactive: ClassVar[bool] = True

    def __post_init__(self) -> None:
        Schedule.__post_init__(self)
        checked(
            self,
            stages=(self.takes_all, "one stage for all items"),
            start_at=(0 <= self.start_at <= 1, "0 to 1"),
            eta=(self.eta > 0, "a number above 0"),
            alpha=(self.alpha > 0, "a number above 0"),
            beta=(0 < self.beta < 1, "between 0 and 1"),
        )

    def start(self, pool: Pool) -> Policy:
        """Begin at the first target."""
        return _Aim(pool, self)


class _Aim(Adaptive):
    """The target, and which items are used up in this epoch."""

    def __init__(self, pool: Pool, options: Target) -> None:
        super().__init__(pool)
        self._options = options
        points = [pool.table.known_difficulty(item) for item in range(len(pool.table))]
        self._least, self._most = min(points), max(points)
        self._target = self._clipped(options.start_at)
        self._used = array("B", bytes(len(points) // 8 + 1))
        self._ready: tuple[int, Sequence[int], Nearest] | None = None

    def choose(self, first: int, n: int) -> Choice:
        """The nearest of those that are left in this epoch."""
        epoch = first // self.size
        n = min(n, self.size - first % self.size)
        order, line = self._line(epoch)
        items: list[int] = []
        for _ in range(n):
            place = line.pop(self._target)
            if place is None:
                raise AssertionError("unreachable: an epoch has as many draws as items")
            items.append(order[place])
            self._used[order[place] >> 3] |= 1 << (order[place] & 7)
        if (first + n) % self.size == 0:
            self._used = array("B", bytes(len(self._used)))
        return Choice(self.stage, epoch, items)

    def _line(self, epoch: int) -> tuple[Sequence[int], Nearest]:
        if self._ready is None or self._ready[0] != epoch:
            table = self.pool.table
            places = range(len(table))
            anyhow = mixed(places, seed=self.pool.seed, epoch=epoch, stage=self.stage)
            order = sorted(anyhow, key=table.difficulty.__getitem__)
            line = Nearest([table.difficulty[item] for item in order])
            for place, item in enumerate(order):
                if self._used[item >> 3] >> (item & 7) & 1:
                    line.remove(place)
            self._ready = (epoch, order, line)
        return self._ready[1:]

    def observe(self, reports: Sequence[Report]) -> None:
        """Move the target by the mean accuracy."""
        mean = fsum(share_of(outcome) for _, _, outcome in reports) / len(reports)
        step = self._options.eta * tanh(self._options.alpha * (mean - self._options.beta))
        self._target = self._clipped(self._target + step)

    def _clipped(self, target: float) -> float:
        return min(self._most, max(self._least, target))

    def state(self) -> dict[str, Json]:
        """The target, and a bit for each item that is used up."""
        return {"target": self._target, "used": pack(self._used)}

    def restore(self, state: Mapping[str, object]) -> None:
        """Take both from a state."""
        used = unpack(entry(state, "used"), "B", name="used", length=len(self._used))
        if sum(map(int.bit_count, used)) >= max(1, self.size):
            raise CurriculumError("state: used: expected fewer bits than items")
        self._used, self._target = used, self._clipped(number(state, "target"))
        self._ready = None

    def carry(self, state: Mapping[str, object], drawn: int) -> int:
        """Keep the target; begin the epoch that was under way again."""
        self._target = self._clipped(number(state, "target"))
        return min(drawn, self.pool.total) // self.size * self.size

    def metrics(self) -> dict[str, Json]:
        """The target."""
        return {"target": self._target}


TARGET: Final = Target()
