"""The columns of a leaderboard: which questions of a run each one counts, and under what weight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from rm_eval.benchmarks import BENCHMARKS, SIX
from rm_eval.benchmarks.reasonmap import NAME as REASONMAP
from rm_eval.item import PLUS
from rm_eval.samples import Sample

WHOLE: Final = "seedbench2-plus"
MAPS: Final = "seedbench2-plus map"
"""SEED-Bench-2-Plus, and its maps, which the RewardMap paper calls by that name."""

AVERAGED: Final = (MAPS, *(task for task in SIX if task != WHOLE))
"""The six columns of the average, as in the RewardMap paper: of SEED-Bench-2-Plus the maps."""

_TITLES: Final = {
    MAPS: "SEED-Bench-2-Plus, map",
    "reasonmap short": "ReasonMap, short",
    "reasonmap long": "ReasonMap, long",
}


@dataclass(frozen=True, slots=True)
class Official:
    """What is known of a column that has been published.

    Attributes:
        benchmark, part, metric: As the table of published scores names them.
        n: How many questions the published set has; None if its weights are known instead.
        weights: The sum of their weights; None if they are counted.
    """

    benchmark: str
    part: str
    metric: str
    n: int | None
    weights: float | None = None


def _counted(benchmark: str, n: int, part: str = "overall") -> Official:
    return Official(benchmark, part, "accuracy", n)


def _weighted(benchmark: str, part: str, weights: float) -> Official:
    return Official(benchmark, part, "weighted accuracy", None, weights)


OFFICIAL: Final[Mapping[str, Official]] = MappingProxyType(
    {
        "reasonmap short": _weighted("ReasonMap", "short", 576.0),
        "reasonmap long": _weighted("ReasonMap", "long", 576.0),
        PLUS: _weighted("ReasonMap-Plus", "overall", 2212.0),
        WHOLE: _counted("SEED-Bench-2-Plus", 2277),
        MAPS: _counted("SEED-Bench-2-Plus", 807, "map"),
        "spatialeval": _counted("SpatialEval", 4635),
        "vstar": _counted("V*", 191),
        "hrbench-4k": _counted("HRBench4K", 800),
        "hrbench-8k": _counted("HRBench8K", 800),
        "chartqa": _counted("ChartQA", 2500),
        "mmstar": _counted("MMStar", 1500),
    }
)
"""The published columns, in the order in which a leaderboard shows them."""


def columns_of(sample: Sample) -> tuple[str, ...]:
    """The columns that the question counts in; one of no benchmark in that of its type."""
    if sample.task == REASONMAP:
        return (f"{REASONMAP} {sample.category}",)
    maps = sample.task == WHOLE and sample.category == "map"
    return (WHOLE, MAPS) if maps else (sample.task or sample.type,)


def title_of(column: str) -> str:
    """How the column is headed."""
    known = BENCHMARKS.get(column)
    return _TITLES.get(column) or (known.title if known is not None else column)


def in_order(columns: set[str]) -> tuple[str, ...]:
    """These columns: published ones first and in their order, then others by name."""
    known = [column for column in OFFICIAL if column in columns]
    return (*known, *sorted(columns - {*known}))


def warnings_of(column: str, n: int, weights: float) -> tuple[str, ...]:
    """What tells that the questions are not the whole published set; none for another column."""
    official = OFFICIAL.get(column)
    if official is None:
        return ()
    if official.n is not None and official.n != n:
        return (f"{n} questions, the published set has {official.n}",)
    if official.weights is not None and official.weights != weights:
        return (f"weights of {weights:g}, those of the published set sum to {official.weights:g}",)
    return ()
