"""The questions of rm-data as one benchmark: by difficulty of map and question, and by country.

Types that rm-data adds to the published ones are weighted like those of reading the map.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rm_eval.benchmarks import Benchmark, Entry, Measure, Scored, Style, grouped, share
from rm_eval.benchmarks.reasonmap_plus import weighted
from rm_eval.errors import EvalError
from rm_eval.metrics import evaluation_weight
from rm_eval.results import Stratum
from rm_eval.sources.row import Row
from rm_eval.tasks import RM_DATA
from rm_rewards import Question

_GRADES: Final = ("easy", "middle", "hard")


def map_stratum(question: Question) -> Stratum:
    """Where the question stands among those of rm-data, whatever its type."""
    weight = evaluation_weight(question)
    if weight is None:
        weight = 1.0 + 0.5 * _GRADES.index(question.difficulty_city)
    return Stratum(
        type=question.type,
        task=RM_DATA,
        category=question.difficulty_city,
        leaf=question.country,
        cycle=question.difficulty_question,
        weight=weight,
    )


def measures(scored: Sequence[Scored]) -> list[Measure]:
    """Weighted accuracy of all, by map and by question, and by country where there are several."""
    countries = grouped(scored, lambda item: item.leaf)
    return [
        weighted("all", scored),
        *_graded(grouped(scored, lambda item: item.category), "maps"),
        *_graded(grouped(scored, lambda item: item.cycle), "questions"),
        *(weighted(name, ones) for name, ones in countries.items() if len(countries) > 1 and name),
        share("all, not weighted", scored),
    ]


def _graded(parts: dict[str, list[Scored]], what: str) -> list[Measure]:
    return [weighted(f"{name} {what}", parts[name]) for name in _GRADES if name in parts]


def _entries(row: Row, style: Style) -> Sequence[Entry]:
    del style
    raise EvalError(f"{row.where}: questions of rm-data are asked as they are: pass them to bench")


MAP_SPLITS: Final = Benchmark(
    name=RM_DATA,
    title="rm-data",
    published=None,
    hub=None,
    entries=_entries,
    measures=measures,
    styles=("official",),
    clusters="itself",
)
