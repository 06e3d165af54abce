"""Schedules: which question types are asked together, and in which order.

A schedule is a row of stages. Inside a stage the order is a seeded shuffle; no batch holds items of
two stages. RewardMap (arXiv 2510.02240) goes from coarse to fine: binary judgements, counting,
planning, shuffled inside a stage and not ranked by difficulty; its published code splits counting
in two, numbers before the choice among four.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from rm_curriculum.errors import CurriculumError


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: the question types that are asked in it, shuffled together.

    Without `types` the stage takes items of every type.
    """

    name: str
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Schedule:
    """Stages in the order in which they are asked. A type belongs to one stage at most.

    Raises:
        CurriculumError: If there is no stage, if two stages share a name or a type, or if a stage
            that takes every type stands beside others.
    """

    name: str
    stages: tuple[Stage, ...]

    def __post_init__(self) -> None:
        names = [stage.name for stage in self.stages]
        types = [kind for stage in self.stages for kind in stage.types]
        if not names:
            raise CurriculumError(f"schedule {self.name!r}: no stage, expected at least one")
        for what, values in (("stage", names), ("type", types)):
            for value in values:
                if values.count(value) > 1:
                    raise CurriculumError(
                        f"schedule {self.name!r}: {what} {value!r} stands there twice"
                    )
        if len(names) > 1 and not all(stage.types for stage in self.stages):
            raise CurriculumError(
                f"schedule {self.name!r}: a stage without types takes all, so it must stand alone"
            )

    @property
    def takes_all(self) -> bool:
        """Whether items of any type can be asked: one stage for all of them."""
        return not self.stages[0].types

    def types_of(self, stage: str) -> tuple[str, ...]:
        """The types asked in the stage of that name; none if it takes all."""
        return next(one.types for one in self.stages if one.name == stage)

    def stage_for(self, kind: str) -> Stage | None:
        """The stage in which items of that type are asked, or None."""
        if self.takes_all:
            return self.stages[0]
        return next((stage for stage in self.stages if kind in stage.types), None)


_JUDGE: Final = Stage("judgement", ("TorF1", "TorF2"))
_COUNT: Final = Stage("counting", ("Counting2", "Counting3"))
_CHOOSE: Final = Stage("counting-choice", ("Counting1",))
_PLAN: Final = Stage("planning", ("planning",))
_READ: Final = Stage("reading", (*_JUDGE.types, *_COUNT.types, *_CHOOSE.types))

SCHEDULES: Final[Mapping[str, Schedule]] = MappingProxyType(
    {
        schedule.name: schedule
        for schedule in (
            Schedule("rewardmap", (_JUDGE, _COUNT, _CHOOSE, _PLAN)),
            Schedule("coarse", (_READ, _PLAN)),
            Schedule("reverse", (_PLAN, _CHOOSE, _COUNT, _JUDGE)),
            Schedule("random", (Stage("all"),)),
        )
    }
)
"""The schedules by name: `rewardmap` (coarse to fine, four stages), `coarse` (all reading questions
together, then planning), `reverse` (fine to coarse, the control), `random` (no order, the control).
"""


def find_schedule(schedule: str | Schedule) -> Schedule:
    """The schedule of that name; a `Schedule` is given back as it is.

    Raises:
        CurriculumError: If no schedule has that name.
    """
    if isinstance(schedule, Schedule):
        return schedule
    if schedule not in SCHEDULES:
        raise CurriculumError(
            f"schedule: found {schedule!r}, expected one of {', '.join(SCHEDULES)}"
        )
    return SCHEDULES[schedule]
