"""ReasonMap-Plus: yes-or-no and counting questions about transit maps.

Accuracy is weighted 1, 1.5, 2 by the difficulty of the map; the sums of these weights tell whether
the rows are the published test set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from rm_eval.benchmarks.benchmark import (
    Benchmark,
    Entry,
    Hub,
    Measure,
    Published,
    Scored,
    Style,
    grouped,
    share,
)
from rm_eval.errors import EvalError
from rm_eval.item import PLUS, item_of
from rm_eval.sources.row import Row
from rm_rewards import Question, jsonl

SUMS: Final[Mapping[str, float]] = MappingProxyType(
    {"all": 2212.0, "Counting": 1128.5, "TorF": 1083.5}
)
"""Sums of weights of the published test set. They are not printed there: they are the only ones
with which every published value of the paper's tables is a share."""

_TEXTS: Final = (
    *("type", "question", "country", "city", "difficulty_city", "station_1", "station_2", "line"),
)
_NUMBERS: Final = ("answer", "city_line_count", "city_transfer_count")


def _entries(row: Row, style: Style) -> Sequence[Entry]:
    del style
    identity = row.optional("id", "index") or str(row.number)
    made: dict[str, object] = {name: row.text(name) for name in _TEXTS if row.has(name)}
    made |= {name: whole_number(row, name) for name in _NUMBERS if row.has(name)}
    made |= {"id": f"{PLUS}:{identity}"}
    question = jsonl.parse_object(Question, made, row.where)
    item = item_of(question)
    if item is None:
        raise EvalError(
            f"{row.where}: type: found {question.type!r}, expected one of TorF1, TorF2, Counting1, "
            "Counting2, Counting3, with an answer"
        )
    return [Entry(question, item, question.question)]


def whole_number(row: Row, name: str) -> int:
    """The value of a column that holds whole numbers, however they were written (`3`, `3.0`).

    Raises:
        EvalError: If it is none.
    """
    text = row.text(name)
    digits = text.removesuffix(".0")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise EvalError(f"{row.where}: {name}: found {text[:40]!r}, expected a whole number")
    return int(digits)


def measures(scored: Sequence[Scored]) -> list[Measure]:
    """Weighted accuracy of all, of the two groups and of each type; then the plain accuracy."""
    groups = grouped(scored, lambda item: item.category)
    types = grouped(scored, lambda item: item.leaf)
    return [
        weighted("all", scored),
        *(weighted(name, ones) for name, ones in groups.items()),
        *(weighted(name, ones) for name, ones in types.items()),
        share("all, not weighted", scored),
    ]


def weighted(name: str, scored: Iterable[Scored]) -> Measure:
    """The share of the weights that was earned."""
    listed = list(scored)
    total = sum(one.item.weight for one in listed)
    earned = sum(one.item.weight for one in listed if one.right)
    value = earned / total if total else 0.0
    return Measure(name=name, n=len(listed), value=value, parts=(listed,), weighted=True)


def sums_of_weights(scored: Sequence[Scored]) -> dict[str, float]:
    """The sum of weights of all items and of each group, to be held against `SUMS`."""
    groups = {"all": list(scored), **grouped(scored, lambda item: item.category)}
    return {name: sum(one.item.weight for one in ones) for name, ones in groups.items()}


def weights_guard(found: Mapping[str, float]) -> list[str]:
    """Where these sums of weights, by the names of `SUMS`, are not the published ones, in words."""
    return [
        f"ReasonMap-Plus {name}: the weights sum to {found.get(name, 0.0):g}, those of the "
        f"published test set to {wanted:g}"
        for name, wanted in SUMS.items()
        if found.get(name, 0.0) != wanted
    ]


REASONMAP_PLUS: Final = Benchmark(
    name=PLUS,
    title="ReasonMap-Plus",
    published=Published(
        "https://opencompass.openxlab.space/utils/VLMEval/ReasonMap-Plus.tsv",
        "205d3ac1c3af07d3e4930f25e01008be",
    ),
    hub=Hub(name="FSCCS/ReasonMap-Plus"),
    entries=_entries,
    measures=measures,
    styles=("official",),
    clusters="itself",
)
