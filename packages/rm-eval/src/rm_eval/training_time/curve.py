"""The looks at a training as a curve: each against the first, with errors counted over all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from rm_eval.errors import EvalError
from rm_eval.metrics import Score, by_type, score_of
from rm_eval.results import Results
from rm_eval.statistics import PairedTest, holm, paired_columns
from rm_eval.training_time.looks import Look
from rm_eval.training_time.spending import LEAST, Budget

Finding: TypeAlias = Literal["better", "worse", "not shown"]

ALL: Final = "all"
"""The name of all questions together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Some questions at one look, against the first look.

    Attributes:
        test: Gained, lost, exact McNemar and the clustered sign-flip test, each question counted
            once. Its interval has the level of the look, so that all intervals of the curve hold
            together with probability 1 - alpha.
        adjusted: The clustered p, corrected for the looks (and by Holm for the types), to be held
            against alpha.
        finding: What that says.
    """

    test: PairedTest
    adjusted: float
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A type of questions, or all, at one look; `change` is None at the first."""

    score: Score
    change: Change | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One look at the training.

    Attributes:
        step: Of the training.
        look: Its number; the first look, which the others are compared with, is 0.
        level: The probability with which this look may be wrong.
        parts: All questions, then each type.
    """

    step: int
    look: int
    level: float
    parts: tuple[Part, ...]

    @property
    def all(self) -> Part:
        """All questions together."""
        return self.parts[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A training as far as it was looked at, by step."""

    budget: Budget
    points: tuple[Point, ...]

    def first(self, finding: Finding, name: str = ALL) -> int | None:
        """The first step at which that is found of a type, or of all questions; None if never."""
        for point in self.points:
            for part in point.parts:
                change = part.change
                if part.score.name == name and change and change.finding == finding:
                    return point.step
        return None


def curve_of(looks: Sequence[Look], budget: Budget) -> Curve:
    """The curve of these looks.

    All questions together are one family of tests, the types another: in each, the chance of one or
    more wrong findings over all looks is at most `budget.alpha`.

    Raises:
        EvalError: If there is no look.
    """
    if not looks:
        raise EvalError("no look at the training is finished yet")
    points: list[Point] = []
    for number, look in enumerate(looks):
        parts = _parts(looks[0], look, budget, number)
        level = budget.level(number) if number else 0.0
        points.append(Point(step=look.step, look=number, level=level, parts=parts))
    return Curve(budget=budget, points=tuple(points))


def _parts(first: Look, look: Look, budget: Budget, number: int) -> tuple[Part, ...]:
    before = {ALL: first.graded, **by_type(first.graded)}
    after = {ALL: look.graded, **by_type(look.graded)}
    scores = {name: score_of(name, graded) for name, graded in after.items()}
    if number == 0:
        return tuple(Part(score=score, change=None) for score in scores.values())
    alpha = max(budget.level(number), LEAST)
    tests = {name: _tested(before[name], after[name], alpha) for name in after}
    kinds = [name for name in tests if name != ALL]
    ps = {
        ALL: tests[ALL].p,
        **dict(zip(kinds, holm([tests[name].p for name in kinds]), strict=True)),
    }
    return tuple(
        Part(score=scores[name], change=_change(test, budget.adjusted(ps[name], number), budget))
        for name, test in tests.items()
    )


def _change(test: PairedTest, adjusted: float, budget: Budget) -> Change:
    shown = adjusted < budget.alpha and test.difference != 0
    finding: Finding = "not shown"
    if shown:
        finding = "better" if test.difference > 0 else "worse"
    return Change(test=test, adjusted=adjusted, finding=finding)


def _tested(before: Results, after: Results, alpha: float) -> PairedTest:
    first, second = (one.right.astype(np.float64) for one in (before, after))
    return paired_columns(first, second, np.ones(len(after)), after.clusters, alpha=alpha)
