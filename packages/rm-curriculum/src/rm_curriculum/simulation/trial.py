"""One schedule, one seed: a pupil is asked what the schedule deals, and measured on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from random import Random
from typing import Final

from rm_curriculum.adapters.row_fields import QuestionRow
from rm_curriculum.curriculum import Curriculum
from rm_curriculum.deal import Deal
from rm_curriculum.errors import CurriculumError
from rm_curriculum.plan import Batch
from rm_curriculum.schedules import Schedule
from rm_curriculum.simulation.course import Course
from rm_curriculum.simulation.learner import Group, Learner, Pupil

POINTS: Final = 50
"""How often a trial is measured after the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What every schedule may spend: so many questions as there are, times `epochs`.

    Attributes:
        epochs: How often the number of the rows is asked; a schedule may repeat and leave out.
        batch: Questions a step.

    Raises:
        CurriculumError: If one of them is below 1.
    """

    epochs: int = 1
    batch: int = 16

    def __post_init__(self) -> None:
        for name, value in (("epochs", self.epochs), ("batch", self.batch)):
            if value < 1:
                raise CurriculumError(f"{name}: found {value!r}, expected 1 or more")


@dataclass(frozen=True, slots=True)
class Trial:
    """What one schedule made of one learner.

    Attributes:
        seed: Of the learner, its questions and the schedule.
        asked: Questions asked at each point of the curves; the first is 0.
        curves: Accuracy on held-out questions at each point, by family, in [0, 1].
        dead: Share of the groups whose replies were all right or all wrong: GRPO learns nothing
            from them.
        mixture: Share of each family among the questions asked.
    """

    seed: int
    asked: tuple[int, ...]
    curves: Mapping[str, tuple[float, ...]]
    dead: float
    mixture: Mapping[str, float]

    @property
    def overall(self) -> tuple[float, ...]:
        """The mean of the families' curves: every family counts the same."""
        return tuple(fsum(at) / len(at) for at in zip(*self.curves.values(), strict=True))

    @property
    def forgotten(self) -> float:
        """How far the families lie below their best at the end, on average."""
        drops = [max(curve) - curve[-1] for curve in self.curves.values()]
        return fsum(drops) / len(drops)


def run_trial(
    rows: Sequence[QuestionRow],
    schedule: str | Schedule,
    seed: int,
    *,
    learner: Learner,
    budget: Budget,
) -> Trial:
    """Let a learner of that seed go through the schedule until the budget is spent.

    Every schedule meets the same learner with the same questions and asks equally many. One that
    asks more than its questions (`replay`) is given fewer of them, of each type alike. Where a
    batch comes short at the end of a stage the step moves the learner less, in proportion.

    Raises:
        CurriculumError: If the schedule cannot take the rows.
    """
    lesson = Lesson(rows, schedule, seed, learner=learner, budget=budget)
    for _ in lesson:
        pass
    return lesson.trial()


class Lesson:
    """A trial under way: goes over the batches as they are asked, and teaches them."""

    def __init__(
        self,
        rows: Sequence[QuestionRow],
        schedule: str | Schedule,
        seed: int,
        *,
        learner: Learner,
        budget: Budget,
    ) -> None:
        self._course = Course(rows, learner.spread, Random(f"{seed}/course"))
        self._pupil = Pupil(learner, self._course.families, Random(f"{seed}/pupil"))
        self._spend = len(rows) * budget.epochs
        self._curriculum = _curriculum(rows, schedule, seed, budget.epochs)
        self._seed, self._learner, self._batch = seed, learner, budget.batch
        self._marks: list[int] = []
        self._curves: dict[str, list[float]] = {f.name: [] for f in self._course.families}
        self._asked: dict[str, int] = dict.fromkeys(self._curves, 0)
        self._dead = 0

    def __iter__(self) -> Iterator[Batch]:
        """The batches, each after it was taught."""
        self._measure()
        number, due = 0, self._spend / POINTS
        while not self._over:
            left = self._spend - self._curriculum.drawn
            deal = self._curriculum.deal(min(self._batch, left))
            self._teach(deal)
            asked = self._curriculum.drawn
            if asked >= due or self._over:
                self._measure()
                due = (asked * POINTS // self._spend + 1) * self._spend / POINTS
            yield Batch(number, deal.stage, deal.epoch, deal.ids)
            number += 1

    def trial(self) -> Trial:
        """What came of it."""
        spent = self._curriculum.drawn
        return Trial(
            self._seed,
            tuple(self._marks),
            {name: tuple(curve) for name, curve in self._curves.items()},
            self._dead / spent,
            {name: count / spent for name, count in self._asked.items()},
        )

    @property
    def _over(self) -> bool:
        return self._curriculum.done or self._curriculum.drawn >= self._spend

    def _teach(self, deal: Deal) -> None:
        size = deal.limits.rollouts if deal.limits is not None else self._learner.group
        groups: list[Group] = []
        for identity, draw in zip(deal.ids, deal.draws, strict=True):
            exercise = self._course.exercises[identity]
            group = self._pupil.answer(exercise.family, exercise.difficulty, size)
            rewards = [1.0] * group.right + [0.0] * (size - group.right)
            self._asked[exercise.family] += 1
            self._dead += group.right in (0, size)
            if self._curriculum.admits(rewards, group.share) is None:
                groups.append(group)
            self._curriculum.update(identity, rewards, group.share, draw)
        self._pupil.practise(groups, self._batch)

    def _measure(self) -> None:
        self._marks.append(self._curriculum.drawn)
        for name, exercises in self._course.held_out.items():
            chances = [self._pupil.chance(name, one.difficulty) for one in exercises]
            self._curves[name].append(fsum(chances) / len(chances))


def _curriculum(
    rows: Sequence[QuestionRow], schedule: str | Schedule, seed: int, epochs: int
) -> Curriculum:
    """The curriculum of so many rows that it asks no more questions than `epochs` times all."""
    whole = Curriculum(rows, schedule, seed, epochs=epochs, feedback=True)
    share = len(rows) * epochs / whole.total
    if share >= 1.0:
        return whole
    by_type: dict[str, list[QuestionRow]] = {}
    for row in sorted(rows, key=lambda row: row.id):
        by_type.setdefault(row.type, []).append(row)
    kept = [
        row
        for kind, some in sorted(by_type.items())
        for row in Random(f"{seed}/{kind}").sample(some, max(1, int(share * len(some))))
    ]
    return Curriculum(kept, schedule, seed, epochs=epochs, feedback=True)
