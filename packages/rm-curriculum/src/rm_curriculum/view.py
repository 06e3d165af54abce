"""What can be asked of a curriculum without changing it."""

from __future__ import annotations

from rm_curriculum.errors import CurriculumError
from rm_curriculum.metrics import Metrics
from rm_curriculum.run import Run
from rm_curriculum.schedules import Schedule
from rm_curriculum.setup import Setup


class View:
    """A run and what it is of. `Curriculum` builds on it."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._run = Run(setup)

    @property
    def schedule(self) -> Schedule:
        """The schedule, with its options."""
        return self._setup.schedule

    @property
    def stages(self) -> tuple[str, ...]:
        """The names of the stages that have items, in order."""
        return tuple(self._setup.members)

    @property
    def drawn(self) -> int:
        """How many draws were dealt, to all ranks together."""
        return self._run.drawn

    @property
    def total(self) -> int:
        """How many draws the whole run has, on all ranks together."""
        return self._setup.total

    @property
    def done(self) -> bool:
        """Whether the run has been dealt to its end."""
        return self._run.done

    @property
    def in_flight(self) -> int:
        """How many draws are dealt and not reported, if that is kept: see `feedback`."""
        return self._run.in_flight

    def stage_of(self, item_id: str) -> str:
        """The name of the stage in which the item is asked.

        Raises:
            CurriculumError: If there is no such item, or the schedule leaves it out.
        """
        return self._setup.stage_of(item_id)

    def members(self, stage: str) -> tuple[str, ...]:
        """The ids of the stage's items, sorted.

        Raises:
            CurriculumError: If no stage with items has that name.
        """
        if stage not in self._setup.members:
            raise CurriculumError(f"stage {stage!r}: expected one of {', '.join(self.stages)}")
        names = self._setup.table.ids
        return tuple([names[item] for item in self._setup.members[stage]])

    def metrics(self) -> Metrics:
        """Place, coverage, mixture and what was earned; JSON values only."""
        return self._run.metrics()
