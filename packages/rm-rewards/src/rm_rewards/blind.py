"""What a reply can earn without looking at the map.

A component that a constant reply fills teaches the constant reply: a policy that learnt to write
one and the same transfer station earned all the credit for legs that join, and never recovered.
So each component is measured against replies that are blind: what other questions' answers are
(the majority of each type, common lines and transfers), and what this question's own text gives
away (its two stations, its options).

Partial credit is judged row by row of its table as well (`rm_rewards.blind_rows`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from rm_rewards.blind_measure import BlindBound, Measure, Measured, blind_bounds_of
from rm_rewards.blind_rows import GIVEN, asked_by, row_specs
from rm_rewards.network import Network
from rm_rewards.records import Question, Reward
from rm_rewards.scoring import score_group
from rm_rewards.specs import RewardSpec, reward_spec

SHAPING_LIMIT: Final = 0.6
"""The largest share of a shaping component, or of one row of it, that a wrong blind reply may earn.

`rewardmap` stays below it wherever the maps have more than two lines to choose from: where every
best route is direct, the two ends and the number of legs, which the question gives, are 3 of 6
points. A table of points that pays the two ends alone is above it.
"""
_FEWEST_WRONG: Final = 20
"""A row of a table is judged by at least so many wrong replies."""


def blind_bounds(
    spec: str | RewardSpec,
    questions: Iterable[Question],
    *,
    network_of: Callable[[Question], Network | None] = lambda _: None,
) -> tuple[BlindBound, ...]:
    """What blind replies earn of `format`, `correctness`, `detail` and `total`, for each type.

    Then of each row of the table of points, as `detail.line`, where there is one. At most 200
    questions of each type are asked, evenly spread.

    Args:
        spec: The specification to measure.
        questions: Questions with their answers; planning questions without `routes` are left out.
        network_of: The network of a question.

    Raises:
        RecordError: As `score`.
    """
    chosen, asked = reward_spec(spec), list(questions)

    def measure(question: Question, texts: Sequence[str]) -> list[Measured]:
        found = score_group(question, texts, network=network_of(question), reward=chosen)
        return [_measured(reward) for reward in found]

    whole = blind_bounds_of(measure, asked)
    return (*whole, *row_bounds(chosen, asked, network_of=network_of))


def row_bounds(
    spec: RewardSpec,
    questions: Sequence[Question],
    *,
    network_of: Callable[[Question], Network | None] = lambda _: None,
    component: str = "detail",
) -> Iterator[BlindBound]:
    """What blind replies earn of each row of the specification's table of points.

    Args:
        spec: The specification.
        questions: As `blind_bounds`.
        network_of: The network of a question.
        component: What the detail is called.

    Raises:
        RecordError: As `score`.
    """
    for row, alone in row_specs(spec).items():
        measure = _detail_of(alone, f"{component}.{row}", network_of)
        for bound in blind_bounds_of(measure, asked_by(row, questions)):
            yield replace(bound, given=row in GIVEN)


def _detail_of(
    alone: RewardSpec, name: str, network_of: Callable[[Question], Network | None]
) -> Measure:
    def measure(question: Question, texts: Sequence[str]) -> list[Measured]:
        found = score_group(question, texts, network=network_of(question), reward=alone)
        return [Measured(correct=reward.correct, parts={name: reward.detail}) for reward in found]

    return measure


def _measured(reward: Reward) -> Measured:
    parts = {
        "format": reward.format,
        "correctness": reward.correctness,
        "detail": reward.detail,
        "total": reward.total,
    }
    return Measured(correct=reward.correct, parts=parts)


def fillable(
    bounds: Iterable[BlindBound], *, shaping: Iterable[str] = ("detail",)
) -> tuple[BlindBound, ...]:
    """The shaping components and rows that a blind reply fills: more than `SHAPING_LIMIT` of them.

    A specification with one of them should not be trained on. A row is only judged where there are
    20 wrong replies to judge it by.
    """
    names = set(shaping)
    return tuple(
        bound
        for bound in bounds
        if bound.undeserved > SHAPING_LIMIT
        and (
            bound.component in names
            or (bound.component.partition(".")[0] in names and bound.wrong >= _FEWEST_WRONG)
        )
    )


__all__ = [
    "SHAPING_LIMIT",
    "BlindBound",
    "Measure",
    "Measured",
    "blind_bounds",
    "blind_bounds_of",
    "fillable",
    "row_bounds",
]
