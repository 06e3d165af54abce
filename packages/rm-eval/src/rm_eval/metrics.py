"""From graded replies to numbers: accuracy with its interval, by type and by benchmark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from rm_eval.clusters import cluster_of
from rm_eval.intervals import wilson
from rm_eval.statistics import cluster_interval
from rm_eval.tasks import PLUS_TYPES
from rm_rewards import PLANNING, Question, Reward

_GRADE: Final = {"easy": 0, "middle": 1, "hard": 2}

GROUPS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "ReasonMap-Plus": PLUS_TYPES,
        "ReasonMap-Plus TorF": ("TorF1", "TorF2"),
        "ReasonMap-Plus Counting": ("Counting1", "Counting2", "Counting3"),
        "ReasonMap planning": (PLANNING,),
    }
)
"""The groups that the papers report by weighted accuracy."""


@dataclass(frozen=True, slots=True)
class Graded:
    """A question with what the reply to it earned.

    `unit` is what it stands or falls with, where the benchmark says so; else the map it is about.
    """

    question: Question
    reward: Reward
    unit: str = ""

    @property
    def cluster(self) -> str:
        """The name of what it stands or falls with."""
        return self.unit or cluster_of(self.question)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How well some questions were answered.

    Attributes:
        name: The type or group.
        n, correct: Questions, and how many of them right.
        accuracy: correct / n.
        low, high: Wilson's 95 % interval of the accuracy.
        unparsed: Share of the replies in which no answer was found.
        sum_of_weights: Of the benchmark's weights; None for types outside both benchmarks.
        weighted_accuracy: Share of that sum that was answered right.
        clusters: How many maps the questions are about.
        cluster_low, cluster_high: 95 % interval of the accuracy by the cluster bootstrap over maps:
            the one to quote where several questions are about one map.
        weighted_low, weighted_high: The same for the weighted accuracy.
    """

    name: str
    n: int
    correct: int
    accuracy: float
    low: float
    high: float
    unparsed: float
    sum_of_weights: float | None
    weighted_accuracy: float | None
    clusters: int
    cluster_low: float
    cluster_high: float
    weighted_low: float | None
    weighted_high: float | None


def evaluation_weight(question: Question) -> float | None:
    """The weight of a question in the benchmarks' weighted accuracy.

    ReasonMap-Plus 1, 1.5, 2 by the map; planning 1 to 3 in steps of 0.5 by question and map. Not
    the difficulty weight of the reward. None for a type outside both benchmarks.
    """
    city = _GRADE[question.difficulty_city]
    if question.type == PLANNING:
        return 1.0 + 0.5 * (city + _GRADE[question.difficulty_question])
    return 1.0 + 0.5 * city if question.type in PLUS_TYPES else None


def score_of(name: str, graded: Sequence[Graded]) -> Score:
    """The score of these replies, which must not be none."""
    n, correct = len(graded), sum(one.reward.correct for one in graded)
    low, high = wilson(correct, n)
    weights = [evaluation_weight(one.question) for one in graded]
    known = [weight for weight in weights if weight is not None]
    total = sum(known) if len(known) == n else None
    gained = sum(w for w, one in zip(known, graded, strict=False) if one.reward.correct)
    clusters = [one.cluster for one in graded]
    right = [float(one.reward.correct) for one in graded]
    plain = cluster_interval(right, [1.0] * n, clusters)
    weighted = (None, None) if total is None else cluster_interval(right, known, clusters)
    return Score(
        name=name,
        n=n,
        correct=correct,
        accuracy=correct / n,
        low=low,
        high=high,
        unparsed=sum(one.reward.parsed is None for one in graded) / n,
        sum_of_weights=total,
        weighted_accuracy=None if total is None else gained / total,
        clusters=len(set(clusters)),
        cluster_low=plain[0],
        cluster_high=plain[1],
        weighted_low=weighted[0],
        weighted_high=weighted[1],
    )


def by_type(graded: Iterable[Graded]) -> dict[str, list[Graded]]:
    """The replies of each type: the published types in their order, then others by name."""
    listed = list(graded)
    published = [*PLUS_TYPES, PLANNING]
    others = sorted({one.question.type for one in listed} - {*published})
    found = {k: [one for one in listed if one.question.type == k] for k in (*published, *others)}
    return {kind: ones for kind, ones in found.items() if ones}


def by_group(graded: Iterable[Graded]) -> dict[str, list[Graded]]:
    """The replies of each of `GROUPS` that has any."""
    listed = list(graded)
    found = {
        name: [one for one in listed if one.question.type in types]
        for name, types in GROUPS.items()
    }
    return {name: ones for name, ones in found.items() if ones}
