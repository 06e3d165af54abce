"""RewardMap's stages with ramps between them: near a border the two stages are mixed.

Ours, against the jump in difficulty where one stage ends and the next begins. Each item is moved
from its place in the hard plan by up to half a ramp in either direction, by a hash, and the plan is
sorted by where the items come to lie. So the share of a stage falls and rises evenly, every item
still comes once an epoch, and with ramp 0 it is `rewardmap`, but for the borders of its batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from rm_curriculum.order import jitter, shuffled
from rm_curriculum.plan import PlanPolicy
from rm_curriculum.policy import Choice, Policy, Pool
from rm_curriculum.schedules.rewardmap import STAGES
from rm_curriculum.schedules.schedule import Schedule, Stage, checked


@dataclass(frozen=True, slots=True)
class Blended(Schedule):
    """Stages that run into each other.

    Attributes:
        ramp: How long a ramp is, as part of the epoch, from 0, a hard switch, to 1.
    """

    name: str = "blended"
    stages: tuple[Stage, ...] = STAGES
    ramp: float = 0.2

    def __post_init__(self) -> None:
        Schedule.__post_init__(self)
        checked(self, ramp=(0 <= self.ramp <= 1, "0 to 1"))

    def start(self, pool: Pool) -> Policy:
        """Begin at the first stage."""
        return _BlendedPlan(pool, self)


class _BlendedPlan(PlanPolicy):
    """A plan whose batches are cut from the epoch, and named after the stage they begin in."""

    def __init__(self, pool: Pool, schedule: Blended) -> None:
        size = sum(map(len, pool.members.values()))
        whole = replace(pool, members={"": range(size)})
        super().__init__(whole, lambda _pool, _stage, epoch: _blended(pool, schedule, epoch))
        self._stages = {name: len(members) for name, members in pool.members.items()}

    def choose(self, first: int, n: int) -> Choice:
        """Up to `n` items of one epoch."""
        return super().choose(first, n)._replace(stage=self.where(first)[0])

    def where(self, draw: int) -> tuple[str, int]:
        """The stage that the hard plan would be at."""
        epoch, within = divmod(draw, sum(self._stages.values()))
        for stage, size in self._stages.items():
            if within < size:
                return stage, epoch
            within -= size
        raise AssertionError("unreachable: the sizes add up")


def _blended(pool: Pool, schedule: Blended, epoch: int) -> Sequence[int]:
    ids, seed = pool.table.ids, pool.seed
    plain = [
        item
        for stage, members in pool.members.items()
        for item in shuffled(members, ids, seed=seed, epoch=epoch, stage=stage)
    ]
    reach = schedule.ramp * len(plain)
    moved = [
        (place + reach * (jitter(ids[item], seed=seed, epoch=epoch, purpose="ramp") - 0.5), item)
        for place, item in enumerate(plain)
    ]
    return [item for _, item in sorted(moved)]


BLENDED: Final = Blended()
