"""The texts of the questions, byte for byte as published.

The five short types follow the appendix of RewardMap (arXiv 2510.02240, "ReasonMap-Plus"), planning
the appendix of ReasonMap (arXiv 2505.18675). The published papers do not show the white space of
the planning prompt; the line breaks between its three parts are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from rm_rewards import RecordError

LETTERS: Final = "ABCD"

_CHOICE: Final = (
    'Please solve the multiple choice problem and put your answer (one of ABCD) in one "\\boxed{}".'
)
_NUMBER: Final = 'Please solve the problem and put your answer in one "\\boxed{}".'
_YES_NO: Final = (
    'Please solve the problem and put your answer (only answer yes or no) in one "\\boxed{}".'
)
_MAP: Final = "According to the subway map,"

RouteForm: TypeAlias = Literal["short", "long", "long-stops"]
"""What a planning question asks for: the rides alone, with the number of the stops in between, or
with their names."""

_ENDINGS: Final[dict[RouteForm, str]] = {
    "short": (
        "Provide only one optimal route, with only the line name and the departure and arrival "
        "stations. The format should be strictly followed:"
    ),
    "long": (
        "Provide only one optimal route, and include the number of via stops for each route "
        "section (excluding the departure and arrival stops). The format should be strictly "
        "followed:"
    ),
    "long-stops": (
        "Provide only one optimal route, including all the via stops. The format should be "
        "strictly followed:"
    ),
}
_SECTION: Final = "Route Name: Line x\nDeparture Stop: xx Station\nArrival Stop: xx Station"
_SECTIONS: Final[dict[RouteForm, str]] = {
    "short": _SECTION,
    "long": f"{_SECTION}\nNumber of Via Stops: x",
    "long-stops": f"{_SECTION}\nVia Stops: xx Station, xx Station",
}
_AS_ASKED: Final[dict[RouteForm, str]] = {
    form: f"{ending}\n{_SECTIONS[form]}\n--\n{_SECTIONS[form]}" for form, ending in _ENDINGS.items()
}


def same_line(station_1: str, station_2: str) -> str:
    """TorF1: whether one line serves both stations."""
    return f"{_YES_NO} {_MAP} is it true that {station_1} is the same line as {station_2}?"


def on_line(station: str, line: str) -> str:
    """TorF2: whether the line serves the station.

    The published pattern ends in `the line x?`; x is filled with the line's whole name on the map,
    so a line called `Line 5` gives `the line Line 5?`.
    """
    return f"{_YES_NO} {_MAP} is it true that {station} is on the line {line}?"


def stops_between(station_1: str, station_2: str, options: Sequence[str]) -> str:
    r"""Counting1: the stops between two stations, to be chosen from four options.

    "this two stops" and the blank before each line break stand so in the published data.

    Raises:
        RecordError: Unless there are four different options.
    """
    if len(options) != len(LETTERS) or len(set(options)) != len(LETTERS):
        raise RecordError("options", list(options), "four different options")
    listed = "".join(
        f"{letter}) {option} \n" for letter, option in zip(LETTERS, options, strict=True)
    )
    return (
        f"{_CHOICE} {_MAP} how many intermediate stops are there between {station_1} and "
        f"{station_2} (except for this two stops)? \n{listed}"
    )


def lines_through(station: str) -> str:
    """Counting2: the number of lines that serve a station."""
    return f"{_NUMBER} {_MAP} how many lines pass through {station}?"


def lines_in_total() -> str:
    """Counting3: the number of lines of the map."""
    return f"{_NUMBER} {_MAP} how many subway (metro) lines are there in total?"


def route(station_1: str, station_2: str, form: RouteForm = "short") -> str:
    """Planning: the key question, the ending and the format, one below the other."""
    return f"{_MAP} how do I get from {station_1} to {station_2}?\n{_AS_ASKED[form]}"


def number(asked: str) -> str:
    """A question of our own that is answered with a number, after the pattern of Counting2."""
    return f"{_NUMBER} {_MAP} {asked}"


def choice(asked: str, options: Sequence[str]) -> str:
    """A question of our own with two to four options, after the pattern of Counting1.

    Raises:
        RecordError: Unless there are two to four different options.
    """
    if not 2 <= len(options) <= len(LETTERS) or len(set(options)) != len(options):
        raise RecordError("options", list(options), "two to four different options")
    letters = LETTERS[: len(options)]
    listed = "".join(
        f"{letter}) {option} \n" for letter, option in zip(letters, options, strict=True)
    )
    return f"{_CHOICE.replace(LETTERS, letters)} {_MAP} {asked} \n{listed}"
