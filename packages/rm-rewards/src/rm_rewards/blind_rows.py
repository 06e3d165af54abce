"""Each row of a table of points as a reward of its own, to see what a blind reply earns of it.

A sum hides its rows: one that any reply can fill is drowned by the others when it is measured, and
is what a policy learns first when it is trained on. So each row is measured alone: all the other
gains are scaled down until they decide nothing, while what is taken off for legs too many stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from rm_rewards.credit import PlanningPoints
from rm_rewards.records import PLANNING, Question
from rm_rewards.specs import RewardSpec

GIVEN: Final = frozenset(("origin", "destination", "legs"))
"""Rows that are no secret of the map: the question names both ends, and a set of questions has its
usual number of legs. They are held against constant replies alone, and count in the sum."""

_GAINS: Final = ("origin", "destination", "legs", "line", "transfer_side")
_NOTHING: Final = 1e-6


def row_specs(spec: RewardSpec) -> Mapping[str, RewardSpec]:
    """Row -> a specification whose detail is that row; none where no table of points counts."""
    if spec.grader != "repaired" or not spec.alpha:
        return {}
    return {
        row: RewardSpec(
            name=f"{spec.name}:{row}",
            format=0.0,
            alpha=1.0,
            accept=spec.accept,
            wrong_cap=1.0,
            points=_alone(spec.points, row),
        )
        for row in _GAINS
        if getattr(spec.points, row)
    }


def _alone(points: PlanningPoints, row: str) -> PlanningPoints:
    others = {name: getattr(points, name) * _NOTHING for name in _GAINS if name != row}
    return replace(points, **others)


def asked_by(row: str, questions: Iterable[Question]) -> list[Question]:
    """The planning questions that the row is about: those with a transfer for `transfer_side`."""
    least = 2 if row == "transfer_side" else 1
    return [
        question
        for question in questions
        if question.type == PLANNING
        and question.routes
        and all(len(route) >= least for route in question.routes)
    ]
