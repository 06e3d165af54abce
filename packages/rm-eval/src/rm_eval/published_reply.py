"""How ReasonMap's evaluation reads a route out of a reply, and compares names.

Read from the published evaluation, which is stricter than the reward of the same authors: it does
not drop `Station` or `站` from a name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_BRACKETS: Final = re.compile(r"[(（][^)）]*[)）]")
_GAPS: Final = re.compile(r"[\s\-]+")
_LABELS: Final = ("Route Name:", "Departure Stop:", "Arrival Stop:")
_NUMBER: Final = re.compile(r"\d+")
NUMBER_FORM: Final = "Number of Via Stops:"


@dataclass(frozen=True, slots=True)
class Section:
    """One ride of a reply. `via` is the text after the label that the question asks for."""

    line: str
    departure: str
    arrival: str
    via: str = ""

    @property
    def number(self) -> int:
        """The first number in `via`; 0 without one."""
        found = _NUMBER.search(self.via)
        return int(found[0]) if found and len(found[0]) < 10 else 0


def clean(name: str) -> str:
    """A name as the evaluation compares it."""
    for gone in ("Metro", "metro", ",", "*", "\n"):
        name = name.replace(gone, "")
    return _GAPS.sub("", _BRACKETS.sub("", name)).lower()


def sections(reply: str, question: str, *, long: bool) -> list[Section]:
    """The sections between `--` that hold the three labels; others are passed over."""
    label = "Number of Via Stops: " if NUMBER_FORM in question else "Via Stops: "
    return [
        Section(
            line=(_line_of(part, "Route Name: ") or "Wrong").strip(),
            departure=_cleaned(_line_of(part, "Departure Stop: ")),
            arrival=_cleaned(_line_of(part, "Arrival Stop: "))
            if long
            else _cleaned(part.rpartition("Arrival Stop:")[2].strip()),
            via=part.rpartition(label)[2].strip() if long else "",
        )
        for part in reply.split("--")
        if all(label in part for label in _LABELS)
    ]


def _cleaned(name: str | None) -> str:
    return clean("Wrong" if name is None else clean(name))  # twice, as the evaluation does


def _line_of(part: str, label: str) -> str | None:
    """What follows the first label that a line end follows at all."""
    _, there, rest = part.partition(label)
    value, ended, _ = rest.partition("\n")
    return value if there and ended else None
