"""Schedules against each other on the same learners, the baselines always among them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Final

from rm_curriculum.adapters.row_fields import QuestionRow
from rm_curriculum.errors import CurriculumError
from rm_curriculum.schedules import find_schedule
from rm_curriculum.simulation.intervals import Interval, interval
from rm_curriculum.simulation.learner import Learner
from rm_curriculum.simulation.trial import POINTS, Budget, Trial, run_trial

UNIFORM: Final = "uniform"
STATIC: Final = "rewardmap"
BASELINES: Final = (UNIFORM, STATIC)
"""In every comparison: no order at all, and the fixed order from coarse to fine."""

OVERALL: Final = "all"
"""The mean over the families, each counted the same."""


@dataclass(frozen=True, slots=True)
class Band:
    """A mean curve with its interval at each point; `asked` counts questions from 0."""

    asked: tuple[float, ...]
    points: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What a schedule made of the learners, one trial a seed."""

    schedule: str
    trials: tuple[Trial, ...]

    @property
    def families(self) -> tuple[str, ...]:
        """The families that were measured."""
        return tuple(self.trials[0].curves)

    def values(self, measure: str) -> tuple[float, ...]:
        """One value a seed of "all" or a family (accuracy at the end), or of `MEASURES`."""
        if measure in MEASURES:
            return tuple(MEASURES[measure](trial) for trial in self.trials)
        return tuple(_curve(trial, measure)[-1] for trial in self.trials)

    def band(self, measure: str) -> Band:
        """The curve of "all" or of a family, averaged over seeds."""
        total = self.trials[0].asked[-1]
        grid = tuple(total * i / POINTS for i in range(POINTS + 1))
        rows = [_read(trial.asked, _curve(trial, measure), grid) for trial in self.trials]
        return Band(grid, tuple(interval(at) for at in zip(*rows, strict=True)))


@dataclass(frozen=True, slots=True)
class Comparison:
    """All results, the best at the end first.

    Attributes:
        learner: The learner's settings.
        budget: What each schedule could spend.
        seeds: Of the learners; every schedule met all of them.
        results: By falling mean of "all".
        left_out: Why a schedule that was not asked for by name could not take the questions.
    """

    learner: Learner
    budget: Budget
    seeds: tuple[int, ...]
    results: tuple[Result, ...]
    left_out: Mapping[str, str]

    @property
    def asked(self) -> int:
        """How many questions each schedule asked."""
        return self.results[0].trials[0].asked[-1]

    def of(self, schedule: str) -> Result | None:
        """The result of that schedule, or None where it was left out."""
        return next((one for one in self.results if one.schedule == schedule), None)

    def against(self, result: Result, baseline: str, measure: str = OVERALL) -> Interval | None:
        """How much better than the baseline on the same learners; None without that baseline."""
        other = self.of(baseline)
        if other is None:
            return None
        pairs = zip(result.values(measure), other.values(measure), strict=True)
        return interval([mine - theirs for mine, theirs in pairs])


MEASURES: Final[Mapping[str, Callable[[Trial], float]]] = {
    "run": lambda trial: fsum(trial.overall) / len(trial.overall),
    "dead": lambda trial: trial.dead,
    "forgotten": lambda trial: trial.forgotten,
}
"""Of a trial as a whole: mean accuracy over the run, share of dead groups, drop below the best."""


def compare(
    rows: Sequence[QuestionRow],
    schedules: Iterable[str],
    *,
    learner: Learner,
    budget: Budget,
    seeds: int = 10,
    seed: int = 0,
    optional: Iterable[str] = (),
    tell: Callable[[str, int, int], None] | None = None,
) -> Comparison:
    """Run every schedule on `seeds` learners, and `BASELINES` whether asked for or not.

    Args:
        rows: The questions.
        schedules: Names that must work, with options as `find_schedule` reads them.
        learner: As in the result.
        budget: As in the result.
        seeds: How many learners: seeds `seed`, `seed` + 1 and so on.
        seed: The first of them.
        optional: More names, left out where they cannot take these questions; so are baselines.
        tell: Called before each schedule with its name, its number and how many there are, and
            with "" at the end.

    Raises:
        CurriculumError: If there is no row or seed, or a schedule that must work does not.
    """
    if not rows:
        raise CurriculumError("there are no questions, expected at least one")
    if seeds < 1:
        raise CurriculumError(f"seeds: found {seeds!r}, expected 1 or more")
    wanted = list(dict.fromkeys(schedules))
    names = list(dict.fromkeys((*BASELINES, *wanted, *optional)))
    say = tell or _silent
    numbers = tuple(range(seed, seed + seeds))
    results: list[Result] = []
    left_out: dict[str, str] = {}
    for number, name in enumerate(names):
        say(name, number, len(names))
        try:
            results.append(_result(rows, name, numbers, learner, budget))
        except CurriculumError as error:
            if name in wanted:
                raise
            left_out[name] = str(error)
    say("", len(names), len(names))
    ordered = sorted(results, key=lambda one: -fsum(one.values(OVERALL)))
    return Comparison(learner, budget, numbers, tuple(ordered), left_out)


def _result(
    rows: Sequence[QuestionRow], name: str, seeds: Sequence[int], learner: Learner, budget: Budget
) -> Result:
    schedule = find_schedule(name)
    trials = [run_trial(rows, schedule, one, learner=learner, budget=budget) for one in seeds]
    return Result(name, tuple(trials))


def _silent(_name: str, _number: int, _of: int) -> None:
    """Nothing is told."""


def _curve(trial: Trial, measure: str) -> tuple[float, ...]:
    return trial.overall if measure == OVERALL else trial.curves[measure]


def _read(at: Sequence[int], values: Sequence[float], grid: Sequence[float]) -> tuple[float, ...]:
    """The values at the places of the grid, by straight lines between the points."""
    found: list[float] = []
    right = 1
    for place in grid:
        while right < len(at) - 1 and at[right] < place:
            right += 1
        left, width = right - 1, at[right] - at[right - 1]
        part = min(1.0, (place - at[left]) / width)
        found.append(values[left] + part * (values[right] - values[left]))
    return tuple(found)
