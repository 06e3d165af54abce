"""A user's own numbers with the published ones beside them, where they are the same numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from rm_eval.benchmark_numbers import BenchmarkNumbers, Number
from rm_eval.published.definitions import definitions_of
from rm_eval.published.scores import Published, scores_of
from rm_eval.route_tally import RouteNumbers

ANCHORS: Final = (
    ("Qwen2.5-VL-3B", "none"),
    ("Qwen2.5-VL-7B", "none"),
    ("Qwen2.5-VL-7B", "SFT then RL"),
    ("Qwen2.5-VL-7B", "RL (both sets)"),
    ("Qwen2.5-VL-7B", "RewardMap"),
)
"""Model and training of the published rows that a report shows; `rm-eval published` shows all."""

_SPATIAL: Final = {
    "spatialmap": "spatial-map",
    "mazenav": "maze-nav",
    "spatialgrid": "spatial-grid",
    "spatialreal": "spatial-real",
}
_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "seedbench2-plus": "SEED-Bench-2-Plus",
        "spatialeval": "SpatialEval",
        "vstar": "V*",
        "hrbench-4k": "HRBench4K",
        "hrbench-8k": "HRBench8K",
        "chartqa": "ChartQA",
        "mmstar": "MMStar",
        "reasonmap-plus": "ReasonMap-Plus",
    }
)
_WHOLE: Final = ("overall", "short", "long")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Own:
    """A number of this run. `total`: the items, or the sum of weights, that it is a share of."""

    benchmark: str
    part: str
    metric: str
    shown: str
    total: float

    @property
    def wanted(self) -> float | None:
        """The total of the published number; None if there is no such part."""
        found = [
            one for one in definitions_of(self.benchmark) if one.part.lower() == self.part.lower()
        ]
        return float(found[0].total) if found else None

    def published(self) -> list[Published | None]:
        """The published scores of the anchors."""
        found = {
            (one.model, one.training): one
            for one in reversed(scores_of(self.benchmark))
            if (one.part, one.metric) == (self.part, self.metric)
        }
        return [found.get(anchor) for anchor in ANCHORS]


def beside(
    benchmarks: Sequence[BenchmarkNumbers], routes: Sequence[RouteNumbers], *, blind: bool = False
) -> list[str]:
    """Lines of markdown: a table of what may be compared, then what may not and why.

    A number stands in the table if it is a share of as many items, or of the same sum of weights,
    as the published one, and is defined alike.

    Args:
        benchmarks: Read as the paper's harness or the benchmark's own code reads them.
        routes: The planning questions, likewise.
        blind: Whether the run saw no picture.
    """
    own = [*(one for held in benchmarks for one in _own(held)), *_own_routes(routes)]
    if not own:
        return []
    if blind:
        return ["", "- A blind run: not beside the published scores, which saw the pictures."]
    same = [(one, one.published()) for one in own if one.total == one.wanted]
    rows = [(one, scores) for one, scores in same if any(scores)]
    others = [line for one in own for line in _why_not(one)]
    return [*_table(rows), *(["", *others] if others else [])]


def _own(held: BenchmarkNumbers) -> Iterator[_Own]:
    benchmark = _NAMES.get(held.task)
    if benchmark is None:
        return
    for number in held.numbers:
        weighted = number.sum_of_weights is not None
        yield _Own(
            benchmark=benchmark,
            part="overall" if number.name == "all" else _SPATIAL.get(number.name, number.name),
            metric="weighted accuracy" if weighted else "accuracy",
            shown=f"{100 * number.value:.2f}",
            total=_total(number),
        )


def _total(number: Number) -> float:
    return float(number.n) if number.sum_of_weights is None else number.sum_of_weights


def _own_routes(routes: Sequence[RouteNumbers]) -> Iterator[_Own]:
    """The accuracy and the map score of each form, the latter with the published faults."""
    for one in routes:
        accuracy, score = f"{100 * one.weighted_accuracy:.2f}", f"{one.map_scores['compat']:.2f}"
        for metric, shown in (("weighted accuracy", accuracy), ("weighted map score", score)):
            yield _Own(
                benchmark="ReasonMap",
                part=one.form,
                metric=metric,
                shown=shown,
                total=one.sum_of_weights,
            )


def _table(rows: Sequence[tuple[_Own, Sequence[Published | None]]]) -> list[str]:
    if not rows:
        return []
    used = [place for place in range(len(ANCHORS)) if any(scores[place] for _, scores in rows)]
    heads = [_head(*ANCHORS[place]) for place in used]
    lines = ["", "| published | measure | this run | " + " | ".join(heads) + " |"]
    lines += ["|---|---" + "|--:" * (1 + len(heads)) + "|"]
    for one, scores in rows:
        cells = " | ".join(_cell(scores[place]) for place in used)
        lines.append(f"| {one.benchmark}, {one.part} | {one.metric} | {one.shown} | {cells} |")
    return lines


def _head(model: str, training: str) -> str:
    return f"{model}, {'as released' if training == 'none' else training}"


def _cell(published: Published | None) -> str:
    if published is None:
        return ""
    return published.score + ("" if published.mark == "run" else f" ({published.mark})")


def _why_not(one: _Own) -> Iterator[str]:
    """Why a number that is published is not in the table; parts go with the whole."""
    told = one.part in _WHOLE and one.metric != "weighted map score"
    if not told or one.wanted is None or one.total == one.wanted:
        return
    what = "weights sum to" if one.metric.startswith("weighted") else "questions number"
    yield (
        f"- {one.benchmark}, {one.part}: not beside the published scores, since these are other "
        f"questions: their {what} {one.total:g}, those of the published test set {one.wanted:g}."
    )
