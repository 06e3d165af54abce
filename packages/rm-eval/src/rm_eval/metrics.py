"""From graded replies to numbers: accuracy with its interval, by type and by benchmark."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from rm_eval.benchmarks.reasonmap import NAME as REASONMAP
from rm_eval.intervals import wilson
from rm_eval.item import Item, item_of
from rm_eval.map_score import is_long
from rm_eval.results import Results, Stratum
from rm_eval.statistics import cluster_interval
from rm_eval.tasks import PLUS_TYPES
from rm_rewards import PLANNING, Question

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How well some questions were answered.

    Attributes:
        name: The type or group.
        n, correct: Questions, and how many of them right.
        accuracy: correct / n.
        low, high: Wilson's 95 % interval of the accuracy.
        unparsed: Share of the replies in which no answer was found; None where that is not told.
        sum_of_weights: Of the benchmark's weights; None where a question belongs to no benchmark.
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
    unparsed: float | None
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


def stratum_of(question: Question, item: Item | None = None) -> Stratum:
    """What the question has in common with others, for its benchmark's measures.

    Args:
        question: The question.
        item: Its item, where it belongs to a prepared benchmark.
    """
    if item is None and question.type == PLANNING:
        form = "long" if is_long(question) else "short"
        return Stratum(PLANNING, REASONMAP, form, "", "", evaluation_weight(question))
    found = item or item_of(question)
    if found is None:
        return Stratum(question.type, "", "", "", "", None)
    weight = evaluation_weight(question) or found.weight
    return Stratum(
        question.type, found.task, found.category, found.leaf, found.cycle, float(weight)
    )


def score_of(name: str, results: Results) -> Score:
    """The score of these replies, which must not be none."""
    n, correct = len(results), int(results.right.sum())
    low, high = wilson(correct, n)
    weights = results.weights
    total = None if np.isnan(weights).any() else float(weights.sum())
    right = results.right.astype(np.float64)
    plain = cluster_interval(right, np.ones(n), results.clusters)
    weighted = (None, None) if total is None else cluster_interval(right, weights, results.clusters)
    return Score(
        name=name,
        n=n,
        correct=correct,
        accuracy=correct / n,
        low=low,
        high=high,
        unparsed=int((~results.read).sum()) / n,
        sum_of_weights=total,
        weighted_accuracy=None if total is None else float(weights[results.right].sum()) / total,
        clusters=len(np.unique(results.clusters)),
        cluster_low=plain[0],
        cluster_high=plain[1],
        weighted_low=weighted[0],
        weighted_high=weighted[1],
    )


def by_type(results: Results) -> dict[str, Results]:
    """The replies of each type: the published types in their order, then others by name."""
    held = results.values(lambda one: one.type)
    published = [kind for kind in (*PLUS_TYPES, PLANNING) if kind in held]
    others = [kind for kind in held if kind not in published]
    return {kind: results.where(_of({kind})) for kind in (*published, *others)}


def by_group(results: Results) -> dict[str, Results]:
    """The replies of each of `GROUPS` that has any."""
    held = set(results.values(lambda one: one.type))
    return {name: results.where(_of(types)) for name, types in GROUPS.items() if held & set(types)}


def _of(types: Container[str]) -> Callable[[Stratum], bool]:
    return lambda one: one.type in types
