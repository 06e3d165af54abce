"""The numbers of a benchmark as its authors define them, each with its intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rm_eval.benchmarks import Benchmark, Measure, Reference, Scored
from rm_eval.benchmarks.benchmark import by_category
from rm_eval.benchmarks.reasonmap_plus import weights_guard
from rm_eval.item import PLUS
from rm_eval.results import Results, part_columns
from rm_eval.statistics import cluster_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number of a benchmark.

    Attributes:
        name: What it is taken over, such as `all` or a category.
        n: How many items.
        value: In [0, 1].
        low, high: Wilson's 95 % interval; None where the value is no plain share of items.
        clusters: How many pictures, questions or maps the items stand and fall with; None where the
            measure does not tell its items.
        cluster_low, cluster_high: 95 % interval by the cluster bootstrap, likewise.
        sum_of_weights: Of its items; None where each counts alike.
    """

    name: str
    n: int
    value: float
    low: float | None
    high: float | None
    clusters: int | None = None
    cluster_low: float | None = None
    cluster_high: float | None = None
    sum_of_weights: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkNumbers:
    """A benchmark's numbers in one run.

    Attributes:
        task, title: Which benchmark.
        read_by: The extractor that read the replies.
        numbers: As the benchmark defines them; the first is the one that is quoted.
        unparsed: Share of the replies in which it found no answer.
        guard: What differs from the whole published benchmark, in words.
        references: Published scores that a task file of one's own names.
    """

    task: str
    title: str
    read_by: str
    numbers: tuple[Number, ...]
    unparsed: float
    guard: tuple[str, ...]
    references: tuple[Reference, ...] = ()

    def number(self, name: str) -> Number:
        """The number of that name.

        Raises:
            KeyError: If there is none.
        """
        return {one.name: one for one in self.numbers}[name]


def numbers_of(
    task: str, results: Results, read_by: str, benchmark: Benchmark | None
) -> BenchmarkNumbers:
    """The numbers of the replies to one benchmark.

    Args:
        task: Its name.
        results: The replies to its questions, and to no others.
        read_by: The extractor that read them.
        benchmark: Its definition; None where that is not at hand: then by category.
    """
    measures = measures_of(benchmark, results.scored())
    numbers = tuple(_number(one) for one in measures)
    guard = [] if benchmark is None else benchmark.guard(measures)
    return BenchmarkNumbers(
        task=task,
        title=task if benchmark is None else benchmark.title,
        read_by=read_by,
        numbers=numbers,
        unparsed=int((~results.read).sum()) / len(results),
        guard=(*guard, *_weights(task, numbers)),
        references=() if benchmark is None else benchmark.scores,
    )


def measures_of(benchmark: Benchmark | None, scored: Sequence[Scored]) -> Sequence[Measure]:
    """What the benchmark measures; without a definition the share of all and of each category."""
    return by_category(scored) if benchmark is None else benchmark.measures(scored)


def _number(measure: Measure) -> Number:
    plain = Number(
        name=measure.name, n=measure.n, value=measure.value, low=measure.low, high=measure.high
    )
    columns = part_columns(measure.parts, weighted=measure.weighted)
    if not len(columns.right):
        return plain
    low, high = cluster_interval(
        columns.right, columns.weights, columns.clusters, parts=columns.parts
    )
    return Number(
        name=measure.name,
        n=measure.n,
        value=measure.value,
        low=measure.low,
        high=measure.high,
        clusters=len(np.unique(columns.clusters)),
        cluster_low=low,
        cluster_high=high,
        sum_of_weights=float(columns.weights.sum()) if measure.weighted else None,
    )


def _weights(task: str, numbers: Sequence[Number]) -> list[str]:
    if task != PLUS:
        return []
    return weights_guard({one.name: one.sum_of_weights or 0.0 for one in numbers})
