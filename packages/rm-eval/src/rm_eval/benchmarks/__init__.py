"""The benchmarks that can be measured: their rows, prompts and numbers, one module each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from rm_eval.benchmarks.benchmark import (
    Benchmark,
    Entry,
    Hub,
    Measure,
    Published,
    Reference,
    Scored,
    Style,
    by_category,
    grouped,
    mean,
    share,
)
from rm_eval.benchmarks.chartqa import CHARTQA
from rm_eval.benchmarks.hrbench import HRBENCH_4K, HRBENCH_8K
from rm_eval.benchmarks.mmstar import MMSTAR
from rm_eval.benchmarks.reasonmap import REASONMAP
from rm_eval.benchmarks.reasonmap_plus import REASONMAP_PLUS
from rm_eval.benchmarks.seedbench2_plus import SEEDBENCH2_PLUS
from rm_eval.benchmarks.spatialeval import SPATIALEVAL
from rm_eval.benchmarks.vstar import VSTAR

_ALL: Final = (
    *(REASONMAP, REASONMAP_PLUS, SEEDBENCH2_PLUS, SPATIALEVAL, VSTAR),
    *(HRBENCH_4K, HRBENCH_8K, CHARTQA, MMSTAR),
)

BENCHMARKS: Final[Mapping[str, Benchmark]] = MappingProxyType({one.name: one for one in _ALL})

SIX: Final = ("seedbench2-plus", "spatialeval", "vstar", "hrbench-4k", "chartqa", "mmstar")
"""The six general benchmarks of the RewardMap paper."""

__all__ = [
    "BENCHMARKS",
    "SIX",
    "Benchmark",
    "Entry",
    "Hub",
    "Measure",
    "Published",
    "Reference",
    "Scored",
    "Style",
    "by_category",
    "grouped",
    "mean",
    "share",
]
