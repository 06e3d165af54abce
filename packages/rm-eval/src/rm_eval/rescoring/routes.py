"""Planning replies of a run: accuracy and map score, with the published faults and without."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rm_eval.benchmarks.reasonmap import SUM_OF_WEIGHTS
from rm_eval.map_score import Faults, is_long, route_score
from rm_eval.metrics import evaluation_weight
from rm_rewards import Question, RecordError, jsonl, to_published

_FAULTS: Final[tuple[Faults, ...]] = ("compat", "fixed")


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteNumbers:
    """The planning questions of one form.

    Attributes:
        form: `short` or `long`.
        n: Replies.
        accuracy: Share that is right.
        weighted_accuracy: Share of the weights that was earned.
        map_scores: Weighted mean of the map score, 0 to 20 (short) or 40 (long): `compat` with the
            published faults, `fixed` without.
        unparsed: Share of the replies without a section of a route.
        sum_of_weights: Of all questions of the form; 576 in the published test set.
    """

    form: str
    n: int
    accuracy: float
    weighted_accuracy: float
    map_scores: Mapping[str, float]
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
    """The numbers of the short and of the long questions, as their replies come.

    Args:
        folder: Where the paths of networks start.
    """

    def __init__(self, folder: Path) -> None:
        self._totals = {"short": _Total("short"), "long": _Total("long")}
        self._networks = jsonl.Networks(folder)
        self._lists: dict[str, Mapping[str, list[str]]] = {}

    def add(self, question: Question, reply: str) -> None:
        """Count the reply to a planning question.

        Raises:
            RecordError: If its network is missing or not usable.
            OSError: If its network cannot be read.
        """
        network = self._networks.of(question)
        if network is None:
            raise RecordError("network", None, f"the network of question {question.id!r}")
        path = question.network or (question.json if isinstance(question.json, str) else "")
        published = self._lists.get(path) or to_published(network)
        if path:
            self._lists[path] = published
        self._totals["long" if is_long(question) else "short"].add(question, reply, published)

    def numbers(self) -> tuple[RouteNumbers, ...]:
        """Those of the forms that there are."""
        return tuple(total.numbers() for total in self._totals.values() if total.n)


class _Total:
    def __init__(self, form: str) -> None:
        self.n = 0
        self._form = form
        self._right = self._read = 0
        self._weights = self._earned = 0.0
        self._scores: dict[str, float] = dict.fromkeys(_FAULTS, 0.0)

    def add(self, question: Question, reply: str, lists: Mapping[str, list[str]]) -> None:
        weight = evaluation_weight(question) or 1.0
        self.n += 1
        self._weights += weight
        found = {faults: route_score(question, reply, lists, faults) for faults in _FAULTS}
        for faults, one in found.items():
            self._scores[faults] += weight * one.score
        right = found["fixed"].right  # the same with the faults
        self._right += right
        self._read += found["fixed"].read
        self._earned += weight * right

    def numbers(self) -> RouteNumbers:
        return RouteNumbers(
            form=self._form,
            n=self.n,
            accuracy=self._right / self.n,
            weighted_accuracy=self._earned / self._weights,
            map_scores={name: total / self._weights for name, total in self._scores.items()},
            unparsed=1 - self._read / self.n,
            sum_of_weights=self._weights,
        )
