"""ReasonMap: routes between two stations, asked in a short and a long form.

312 test rows, each asked twice. Accuracy and map score are weighted by the difficulty of question
and map; the weights of the 312 rows sum to 576.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final, cast

from rm_eval.benchmarks.benchmark import Benchmark, Entry, Hub, Measure, Scored, Style, grouped
from rm_eval.benchmarks.reasonmap_plus import weighted, whole_number
from rm_eval.errors import EvalError
from rm_eval.sources.row import Row
from rm_rewards import Question, jsonl

NAME: Final = "reasonmap"
SUM_OF_WEIGHTS: Final = 576.0
"""Of the 312 test rows, in one form. Every value of the paper's tables is a share of it."""

FORMS: Final = ("short", "long")
_TEXTS: Final = (
    *("country", "city", "station_1", "station_2", "difficulty_city", "difficulty_question"),
)
_NUMBERS: Final = ("city_line_count", "city_transfer_count", "question_transfer_count")


def _entries(row: Row, style: Style) -> Sequence[Entry]:
    del style
    identity = row.optional("id", "index") or str(row.number)
    shared: dict[str, object] = {name: row.text(name) for name in _TEXTS if row.has(name)}
    shared |= {name: whole_number(row, name) for name in _NUMBERS if row.has(name)}
    shared |= {"type": "planning", "routes": _routes(row), "json": lists_of(row)}
    return [
        Entry(
            jsonl.parse_object(
                Question,
                {
                    **shared,
                    "id": f"{NAME}:{identity}:{form}",
                    "question": row.text(f"question_{form}"),
                },
                row.where,
            ),
            None,
        )
        for form in FORMS
    ]


def lists_of(row: Row) -> dict[str, list[str]] | str:
    """The station list of each line; or the path of a file that holds them.

    Raises:
        EvalError: If the column `json` holds neither.
    """
    found = row.cells.get("json")
    if isinstance(found, str) and not found.lstrip().startswith("{"):
        return found
    loaded = _mapping(row, "json")
    lists = {name: _texts(stops) for name, stops in loaded.items() if stops is not None}
    if any(stops is None for stops in lists.values()):
        raise EvalError(f"{row.where}: json: expected a list of stations for each line")
    return {name: stops for name, stops in lists.items() if stops is not None}


def _texts(value: object) -> list[str] | None:
    listed = cast("list[object]", value) if isinstance(value, list) else [None]
    texts = [one for one in listed if isinstance(one, str)]
    return texts if len(texts) == len(listed) else None


def _routes(row: Row) -> list[list[dict[str, object]]]:
    plans = [plan for plan in _mapping(row, "routes").values() if plan]
    if not all(isinstance(plan, list) for plan in plans):
        raise EvalError(f"{row.where}: routes: expected a list of sections for each plan")
    return [[_leg(row, leg) for leg in cast("list[object]", plan)] for plan in plans]


def _leg(row: Row, value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise EvalError(f"{row.where}: routes: found {str(value)[:40]!r}, expected a section")
    leg = {name: one for name, one in cast("dict[str, object]", value).items() if one is not None}
    number = leg.get("num_via_stops")
    if isinstance(number, str) and number.isascii() and number.isdigit():
        leg["num_via_stops"] = int(number)
    return leg


def _mapping(row: Row, name: str) -> Mapping[str, object]:
    """A column that holds a mapping, as such or as JSON."""
    value = row.cells.get(name)
    if isinstance(value, str):
        try:
            value = cast("object", json.loads(value))
        except (ValueError, RecursionError) as error:
            raise EvalError(f"{row.where}: {name}: no JSON: {error}") from None
    if not isinstance(value, dict):
        raise EvalError(f"{row.where}: {name}: found {str(value)[:40]!r}, expected an object")
    return cast("dict[str, object]", value)


def measures(scored: Sequence[Scored]) -> list[Measure]:
    """Weighted accuracy, also of each form; the map score, no share of items, is counted apart."""
    forms = grouped(scored, lambda item: item.category)
    return [weighted("all", scored), *(weighted(name, ones) for name, ones in forms.items())]


REASONMAP: Final = Benchmark(
    name=NAME,
    title="ReasonMap",
    published=None,
    hub=Hub(name="FSCCS/ReasonMap", split="validation"),
    entries=_entries,
    measures=measures,
    styles=("official",),
    clusters="itself",
)
