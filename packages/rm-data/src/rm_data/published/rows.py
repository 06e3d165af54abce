"""The rows of the published sets, with the columns that their cards and loaders show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from rm_rewards import Difficulty


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLeg:
    """One ride of a reference route; via stops are given for Chinese cities alone."""

    route_name: str
    departure_stop: str
    arrival_stop: str
    via_stops: list[str] | str | None = None
    num_via_stops: int | str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonMapRow:
    """A row of FSCCS/ReasonMap: one trip, asked for in a short and in a long form.

    `figure` is the picture itself, as base64; `json` the lists of stations by line. `routes` is an
    object {"1": [ride, ...], ...} there, whose values `rm_rewards.jsonl.parse_object` takes.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "ignore"}

    country: str
    city: str
    station_1: str
    station_2: str
    figure: str
    question_short: str
    question_long: str
    routes: list[list[PlannedLeg] | None]
    json: dict[str, list[str] | None]
    difficulty_question: Difficulty
    difficulty_city: Difficulty
    city_line_count: int
    city_transfer_count: int
    question_transfer_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlusRow:
    """A row of FSCCS/ReasonMap-Plus or FSCCS/ReasonMap-Train.

    `figure` and `json` are paths that start with `./maps/` and `./stations/`. Only ReasonMap-Train
    has `question_transfer_count`, and rows of the type `planning`, whose `answer` is a filler.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "ignore"}

    country: str
    city: str
    question: str
    answer: int
    type: str
    figure: str
    json: str
    difficulty_city: Difficulty
    city_line_count: int
    city_transfer_count: int
    station_1: str | None = None
    station_2: str | None = None
    question_transfer_count: int = 0
