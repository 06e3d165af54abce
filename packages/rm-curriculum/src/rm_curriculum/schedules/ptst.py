"""Vision-R1's progressive thinking suppression (arXiv 2503.06749): longer replies, fewer of them.

Stage 1 allows 4,096 tokens and 16 replies a question, stage 2 8,192 and 8, stage 3 16,384 and 4:
the tokens spent on a question stay 65,536. A reply that is cut off fails the format, so the limit
itself teaches brevity first. The released model stops after stage 2 (`tokens = [4096, 8192]`, and
so on). How many steps a stage takes is not published: here the run is cut in equal parts, or by
`shares`.

All items are asked in every stage, in shuffled epochs. The trainer must apply `Deal.limits`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar, Final

from rm_curriculum.plan import PlanPolicy
from rm_curriculum.policy import Choice, Limits, Policy, Pool
from rm_curriculum.schedules.random import ALL
from rm_curriculum.schedules.schedule import Schedule, Stage, checked


@dataclass(frozen=True, slots=True)
class Ptst(Schedule):
    """Stages by time, not by item.

    Attributes:
        tokens: How many tokens a reply may have, by stage.
        rollouts: How many replies a question gets, by stage.
        shares: Which part of the run each stage takes.
    """

    name: str = "ptst"
    stages: tuple[Stage, ...] = (ALL,)
    tokens: tuple[int, ...] = (4_096, 8_192, 16_384)
    rollouts: tuple[int, ...] = (16, 8, 4)
    shares: tuple[float, ...] = (1.0, 1.0, 1.0)

    paced: ClassVar[bool] = True

    def __post_init__(self) -> None:
        Schedule.__post_init__(self)
        spent = {
            tokens * rollouts for tokens, rollouts in zip(self.tokens, self.rollouts, strict=False)
        }
        checked(
            self,
            stages=(self.takes_all, "one stage for all items"),
            tokens=(min(self.tokens, default=0) > 0, "numbers above 0"),
            rollouts=(
                len(self.rollouts) == len(self.tokens) and len(spent) == 1,
                f"{len(self.tokens)} numbers that keep tokens x rollouts constant",
            ),
            shares=(
                len(self.shares) == len(self.tokens) and min(self.shares) > 0,
                f"{len(self.tokens)} numbers above 0",
            ),
        )

    def limits_of(self, stage: str) -> Limits | None:
        """What may be generated for a question of the stage."""
        return self.limits().get(stage)

    def limits(self) -> Mapping[str, Limits]:
        """What may be generated for a question, by stage."""
        pairs = zip(self.tokens, self.rollouts, strict=True)
        return {f"tokens-{tokens}": Limits(tokens, rollouts) for tokens, rollouts in pairs}

    def start(self, pool: Pool) -> Policy:
        """Begin with the shortest replies."""
        return _Ptst(pool, self)


class _Ptst(PlanPolicy):
    """Shuffled epochs, cut also where a stage of the run ends."""

    def __init__(self, pool: Pool, schedule: Ptst) -> None:
        super().__init__(pool, schedule.arrange)
        whole = sum(schedule.shares)
        parts = accumulate(schedule.shares)
        ends = [round(pool.total * part / whole) for part in parts]
        self._ends = dict(zip(schedule.limits(), ends, strict=True))

    def choose(self, first: int, n: int) -> Choice:
        """Up to `n` items of one epoch, in one stage."""
        stage, end = self._stage(first)
        return super().choose(first, min(n, end - first))._replace(stage=stage)

    def where(self, draw: int) -> tuple[str, int]:
        """The stage of the run, and the epoch."""
        return self._stage(draw)[0], super().where(draw)[1]

    def _stage(self, draw: int) -> tuple[str, int]:
        return next(pair for pair in self._ends.items() if draw < pair[1])


PTST: Final = Ptst()
