"""The rows of a comparison: what is compared, by which statistic, and with what result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from rm_eval.benchmark_numbers import measures_of
from rm_eval.benchmarks import Measure
from rm_eval.benchmarks.reasonmap import NAME as REASONMAP
from rm_eval.errors import EvalError
from rm_eval.finished import Run
from rm_eval.intervals import wilson
from rm_eval.item import PLUS
from rm_eval.metrics import GROUPS, Score, by_group, by_type, score_of
from rm_eval.results import PartColumns, Results, part_columns
from rm_eval.statistics import Floats, PairedTest, cluster_interval, paired_columns

Family: TypeAlias = Literal["suite", "parts"]

_ROUTES: Final = "ReasonMap planning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One row before its p is corrected.

    Attributes:
        name: The type, group or benchmark, or `benchmark / measure`.
        scores: One a run.
        test: The first two runs, each question counted once.
        weighted: The same by the benchmark's own statistic, where that counts questions unequally:
            by weight, or as a mean over categories or orders.
        family: `suite` for a benchmark as a whole, `parts` for everything else.
    """

    name: str
    scores: tuple[Score, ...]
    test: PairedTest
    weighted: PairedTest | None
    family: Family


def compared(runs: Sequence[Run]) -> Iterator[Compared]:
    """All questions, each type, each group, then what else the benchmarks measure.

    Raises:
        EvalError: If a benchmark's measures do not tell their items alike in all runs.
    """
    whole = [run.graded for run in runs]
    tasks = [task for task in whole[0].values(lambda one: one.task) if task not in ("", PLUS)]
    yield _of_results("all", whole, "parts")
    types = [by_type(one) for one in whole]
    for name in types[0]:
        if name not in tasks:
            yield _of_results(name, [held[name] for held in types], "parts")
    groups = [by_group(one) for one in whole]
    for name in groups[0]:
        family: Family = "parts" if " TorF" in name or " Counting" in name else "suite"
        yield _of_results(name, [held[name] for held in groups], family)
    for task in tasks:
        yield from _of_benchmark(task, runs)


def _of_results(name: str, held: Sequence[Results], family: Family) -> Compared:
    before, after = (one.right.astype(np.float64) for one in held[:2])
    first = held[0]
    plain = paired_columns(before, after, np.ones(len(first)), first.clusters)
    weighted = None
    if name in GROUPS:
        weighted = paired_columns(before, after, first.weights, first.clusters)
    scores = tuple(score_of(name, one) for one in held)
    return Compared(name=name, scores=scores, test=plain, weighted=weighted, family=family)


def _of_benchmark(task: str, runs: Sequence[Run]) -> Iterator[Compared]:
    """A benchmark by its first measure, then its other measures as parts."""
    benchmark = runs[0].benchmark(task)
    held = [run.graded.where(lambda one: one.task == task) for run in runs]
    if task == REASONMAP:  # its first measure is the group
        lists = [measures_of(benchmark, one.scored())[1:] for one in held]
        yield from (
            _of_measure(f"{_ROUTES} / {one[0].name}", one, "parts")
            for one in zip(*lists, strict=True)
            if one[0].n < len(held[0])
        )
        return
    lists = [measures_of(benchmark, one.scored()) for one in held]
    for place, one in enumerate(zip(*lists, strict=True)):
        if not one[0].parts and not place:  # a measure of one's own that does not tell its items
            yield _of_results(task, held, "suite")
        elif one[0].parts:
            name = f"{task} / {one[0].name}" if place else task
            yield _of_measure(name, one, "parts" if place else "suite")


def _of_measure(name: str, measures: Sequence[Measure], family: Family) -> Compared:
    columns = [part_columns(one.parts, weighted=one.weighted) for one in measures]
    first, second = columns[:2]
    if any(not np.array_equal(first.clusters, one.clusters) for one in columns):
        raise EvalError(f"{name}: not over the same items in all runs; compare the runs alone")
    weights = _weights(first)
    ones = np.ones(len(weights))
    plain = paired_columns(first.right, second.right, ones, first.clusters)
    weighted = None
    if not np.allclose(weights, weights[0]):
        weighted = paired_columns(first.right, second.right, weights, first.clusters)
    scores = tuple(_score(name, *pair) for pair in zip(measures, columns, strict=True))
    return Compared(name=name, scores=scores, test=plain, weighted=weighted, family=family)


def _weights(columns: PartColumns) -> Floats:
    """What each item counts for in the mean over the parts; its own weight where there is one."""
    totals = np.bincount(columns.parts, weights=columns.weights)
    return columns.weights * (totals.max() / totals)[columns.parts]


def _score(name: str, measure: Measure, columns: PartColumns) -> Score:
    n, correct = len(columns.right), int(columns.right.sum())
    low, high = wilson(correct, n)
    plain = cluster_interval(columns.right, np.ones(n), columns.clusters)
    own = cluster_interval(columns.right, columns.weights, columns.clusters, parts=columns.parts)
    return Score(
        name=name,
        n=n,
        correct=correct,
        accuracy=correct / n,
        low=low,
        high=high,
        unparsed=None,
        sum_of_weights=float(columns.weights.sum()),
        weighted_accuracy=measure.value,
        clusters=len(np.unique(columns.clusters)),
        cluster_low=plain[0],
        cluster_high=plain[1],
        weighted_low=own[0],
        weighted_high=own[1],
    )
