"""What a row of each published set asks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rm_data.difficulty import of_route
from rm_data.published.rows import PlannedLeg, PlusRow, ReasonMapRow
from rm_data.templates import LETTERS
from rm_rewards import PLANNING, Leg, Question, RecordError, Route
from rm_rewards.jsonl import parse_object

SETS: Final = ("reasonmap", "reasonmap-plus", "reasonmap-train")
"""FSCCS/ReasonMap, FSCCS/ReasonMap-Plus and FSCCS/ReasonMap-Train."""

_OPTION: Final = re.compile(r"\b([A-D])\) (\S+) ?$", re.MULTILINE)


def reasonmap_questions(row: ReasonMapRow, number: int) -> Iterator[Question]:
    """The trip of a row, asked for in the short and in the long form."""
    for form, text in (("short", row.question_short), ("long", row.question_long)):
        yield Question(
            id=f"{row.country}/{row.city}/{PLANNING}/{number}/{form}",
            type=PLANNING,
            question=text,
            country=row.country,
            city=row.city,
            station_1=row.station_1,
            station_2=row.station_2,
            routes=tuple(_route(legs) for legs in row.routes if legs),
            difficulty_city=row.difficulty_city,
            difficulty_question=row.difficulty_question,
            city_line_count=row.city_line_count,
            city_transfer_count=row.city_transfer_count,
            question_transfer_count=row.question_transfer_count,
        )


def _route(legs: list[PlannedLeg]) -> Route:
    return tuple(
        Leg(
            route_name=leg.route_name,
            departure_stop=leg.departure_stop,
            arrival_stop=leg.arrival_stop,
            via_stops=_via(leg.via_stops),
            num_via_stops=_count(leg.num_via_stops),
        )
        for leg in legs
    )


def _via(stops: list[str] | str | None) -> tuple[str, ...]:
    if isinstance(stops, str):
        parts = re.split(r"[,，、]", stops)
        return tuple(stop.strip() for stop in parts if stop.strip())
    return tuple(stops or ())


def _count(stops: int | str | None) -> int | None:
    if isinstance(stops, str):
        return int(stops) if stops.strip().isdecimal() else None
    return stops


def plus_question(row: PlusRow, number: int) -> Question:
    """The question of a row, with the options that its text shows."""
    planning = row.type == PLANNING
    return Question(
        id=f"{row.country}/{row.city}/{row.type}/{number}",
        type=row.type,
        question=row.question,
        answer=None if planning else row.answer,
        country=row.country,
        city=row.city,
        station_1=row.station_1,
        station_2=row.station_2,
        options=_options(row) if row.type == "Counting1" else None,
        difficulty_city=row.difficulty_city,
        difficulty_question=of_route(row.question_transfer_count) if planning else "easy",
        city_line_count=row.city_line_count,
        city_transfer_count=row.city_transfer_count,
        question_transfer_count=row.question_transfer_count,
    )


def _options(row: PlusRow) -> tuple[str, ...]:
    found = _OPTION.findall(row.question)
    if [letter for letter, _ in found] != list(LETTERS):
        raise RecordError("question", row.question, "four options, `A) 8` to `D) 12`, a line each")
    return tuple(option for _, option in found)


def row_of(name: str, row: Mapping[str, Any], where: str) -> ReasonMapRow | PlusRow:
    """A row with its columns checked.

    Raises:
        RecordError: Naming the row, the column, the value and what was expected.
    """
    kind = ReasonMapRow if name == "reasonmap" else PlusRow
    return parse_object(kind, dict(row), where)
