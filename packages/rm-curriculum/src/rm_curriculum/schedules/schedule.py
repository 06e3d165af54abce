"""What a schedule is: a row of stages, and how to choose among their items.

The base class is the fixed plan: every item of every stage once an epoch, shuffled inside the
stage. The others are in a file each, with their source.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar

from rm_curriculum.errors import CurriculumError
from rm_curriculum.items import Table
from rm_curriculum.order import shuffled
from rm_curriculum.outcome import Outcome
from rm_curriculum.plan import PlanPolicy
from rm_curriculum.policy import Limits, Policy, Pool


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: the question types that are asked in it, shuffled together.

    Attributes:
        name: Unique in the schedule.
        types: The values of the items' field that the schedule goes by (the question type, unless
            it says otherwise). Without any the stage takes all items.
        optional: Whether a dataset may lack it; if not, a stage without items is an error.
    """

    name: str
    types: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Schedule:
    """Stages in the order in which they are asked. A type belongs to one stage at most.

    Attributes:
        name: What it is called.
        stages: In order.
        adaptive: Whether it is more than a fixed plan: items may repeat and be left out.
        reactive: Whether it changes with what is reported; if so, it needs `update`.
        paced: Whether it goes by the length of the whole run; if so, `epochs` cannot be changed
            when a run is continued.

    Raises:
        CurriculumError: If there is no stage, if two stages share a name or a type, or if a stage
            that takes every type stands beside others.
    """

    name: str
    stages: tuple[Stage, ...]

    adaptive: ClassVar[bool] = False
    reactive: ClassVar[bool] = False
    paced: ClassVar[bool] = False

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

    def kinds(self, table: Table) -> Sequence[str | None]:
        """For each item the value that the stages' `types` name: its question type.

        None leaves the item out.
        """
        return table.types

    def limits_of(self, stage: str) -> Limits | None:
        """What may be generated for a question of the stage, if the schedule says so."""
        del stage
        return None

    def admits(self, outcome: Outcome) -> str | None:
        """Why a group of that outcome is rejected, or None: only a gate rejects any."""
        del outcome
        return None

    def total(self, sizes: Sequence[int], epochs: int) -> int:
        """How many draws a run has, of stages with so many items."""
        return epochs * sum(sizes)

    def arrange(self, pool: Pool, stage: str, epoch: int) -> Sequence[int]:
        """The order in which a fixed plan asks the items of a stage: shuffled by seed and epoch."""
        members, ids = pool.members[stage], pool.table.ids
        return shuffled(members, ids, seed=pool.seed, epoch=epoch, stage=stage)

    def start(self, pool: Pool) -> Policy:
        """Begin to choose from the items."""
        return PlanPolicy(pool, self.arrange)

    def settings(self) -> str:
        """All its options as one text: what decides the draws apart from items and seed."""
        return json.dumps([type(self).__name__, asdict(self)], sort_keys=True)


def checked(schedule: Schedule, **rules: tuple[bool, str]) -> None:
    """Refuse an option out of range: for each option whether it is well, and what is expected.

    Raises:
        CurriculumError: Naming the first option that is not well, and its value.
    """
    for option, (well, expected) in rules.items():
        if not well:
            raise CurriculumError(
                f"schedule {schedule.name!r}: {option}: found {getattr(schedule, option)!r}, "
                f"expected {expected}"
            )
