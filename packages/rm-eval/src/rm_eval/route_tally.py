"""Planning replies as the published evaluation counts them: accuracy and map score, by form."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import numpy as np

from rm_eval.benchmarks.reasonmap import FORMS, SUM_OF_WEIGHTS
from rm_eval.map_score import Faults, RouteScore, is_long, route_score
from rm_eval.metrics import evaluation_weight
from rm_eval.statistics import Floats, cluster_code, cluster_interval
from rm_rewards import Network, Question, to_published

FAULTS: Final[tuple[Faults, ...]] = ("compat", "fixed")
MOST: Final = {"short": 20.0, "long": 40.0}
"""The map score of a route that agrees with the reference in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteNumbers:
    """The planning questions of one form.

    Attributes:
        form: `short` or `long`.
        n: Replies.
        accuracy: Share that is right.
        weighted_accuracy: Share of the weights that was earned: what the papers call accuracy.
        weighted_low, weighted_high: Its 95 % interval by the cluster bootstrap over maps.
        map_scores: Weighted mean of the map score, 0 to 20 (short) or 40 (long): `compat` with the
            published faults, `fixed` without.
        map_intervals: The 95 % interval of each, likewise.
        clusters: How many maps.
        unparsed: Share of the replies without a section of a route.
        sum_of_weights: Of all questions of the form; 576 in the published test set.
    """

    form: str
    n: int
    accuracy: float
    weighted_accuracy: float
    weighted_low: float
    weighted_high: float
    map_scores: Mapping[str, float]
    map_intervals: Mapping[str, tuple[float, float]]
    clusters: int
    unparsed: float
    sum_of_weights: float

    @property
    def guard(self) -> str:
        """What differs from the published test set, in words; empty if nothing does."""
        if self.sum_of_weights == SUM_OF_WEIGHTS:
            return ""
        return (
            f"ReasonMap {self.form}: the weights sum to {self.sum_of_weights:g}, those of the "
            f"published test set to {SUM_OF_WEIGHTS:g}"
        )


class RouteTally:
    """Planning replies as they come; of each a few numbers are kept."""

    def __init__(self) -> None:
        self._forms = {form: _Columns() for form in FORMS}

    def add(
        self, question: Question, reply: str, network: Network, cluster: str
    ) -> dict[Faults, RouteScore]:
        """Score one reply, with the published faults and without; accuracy does not hang on them.

        Args:
            question: A planning question with its reference `routes`.
            reply: What the model wrote.
            network: Of the question's map.
            cluster: What the question stands or falls with.
        """
        lists = _published(_Held(network))
        found: dict[Faults, RouteScore] = {
            faults: route_score(question, reply, lists, faults) for faults in FAULTS
        }
        columns = self._forms["long" if is_long(question) else "short"]
        columns.weights.append(evaluation_weight(question) or 1.0)
        columns.clusters.append(cluster_code(cluster))
        columns.right.append(found["fixed"].right)
        columns.read.append(found["fixed"].read)
        for faults, one in found.items():
            columns.scores[faults].append(one.score)
        return found

    def numbers(self) -> tuple[RouteNumbers, ...]:
        """Those of the short and of the long questions, of the forms that there are."""
        return tuple(_numbers(form, one) for form, one in self._forms.items() if one.weights)


@dataclass(slots=True)
class _Columns:
    weights: array[float] = field(default_factory=lambda: array("d"))
    clusters: array[int] = field(default_factory=lambda: array("q"))
    right: bytearray = field(default_factory=bytearray)
    read: bytearray = field(default_factory=bytearray)
    scores: dict[Faults, array[float]] = field(
        default_factory=lambda: {faults: array("d") for faults in FAULTS}
    )


@dataclass(frozen=True, slots=True)
class _Held:
    """A network that is told from others by being another object: comparing two takes long."""

    network: Network

    def __hash__(self) -> int:
        return id(self.network)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self.network is other.network


@lru_cache(maxsize=64)
def _published(held: _Held) -> Mapping[str, list[str]]:
    return to_published(held.network)


def _numbers(form: str, columns: _Columns) -> RouteNumbers:
    weights, clusters = np.array(columns.weights), np.array(columns.clusters, dtype=np.int64)
    right = np.array(columns.right, dtype=np.float64)
    scores = {name: np.array(column) for name, column in columns.scores.items()}
    low, high = cluster_interval(right, weights, clusters)
    most = MOST[form]

    def bounds(column: Floats) -> tuple[float, float]:
        lower, upper = cluster_interval(column / most, weights, clusters)
        return most * lower, most * upper

    return RouteNumbers(
        form=form,
        n=len(weights),
        accuracy=float(right.mean()),
        weighted_accuracy=float(weights @ right / weights.sum()),
        weighted_low=low,
        weighted_high=high,
        map_scores={n: float(weights @ one / weights.sum()) for n, one in scores.items()},
        map_intervals={name: bounds(one) for name, one in scores.items()},
        clusters=len(np.unique(clusters)),
        unparsed=1 - sum(columns.read) / len(weights),
        sum_of_weights=float(weights.sum()),
    )
