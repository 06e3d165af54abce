"""One defect of a network file, and the kinds that there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CODES: Final[dict[str, str]] = {
    "line_twice": "a file names a line twice",
    "line_short": "a line has no station, or one alone",
    "line_same": "two lines serve the same stations",
    "line_subset": "a line serves only stations of one other line",
    "line_in_pieces": "a line falls into pieces that do not meet",
    "branch_glued": "a list holds a branch behind its trunk, and marks where it leaves",
    "branch_unmarked": "a list may hold a branch behind its trunk, without a mark",
    "loop_open": "a line may be a loop that is not closed",
    "station_twice": "a station stands twice on a line",
    "transfer_mark": "the mark of a transfer station contradicts the lists",
    "one_name": "two stations may have one spelling: a false transfer",
    "name_twice": "two stations have one name",
    "spelled_alike": "two names differ by case, blanks or an ending: a lost transfer",
    "spelled_close": "two names differ by a letter or an abbreviation",
    "ending": "a name lacks the ending that nearly all have",
    "letter": "a letter looks like another one",
    "blank": "a name has blanks at its ends, or two in a row",
    "no_line": "no line serves a station",
    "disconnected": "there is no way to a part of the network",
    "unchecked": "too large for one of the checks",
}
"""What each finding means, by its code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One defect: its place, a short code, and what it means. Empty fields do not apply."""

    file: str
    code: str
    message: str
    line: str = ""
    station: str = ""

    def __str__(self) -> str:
        place = ": ".join(part for part in (self.file, self.line, self.station) if part)
        return f"{place}: {self.message} [{self.code}]"


def finding(code: str, message: str, *, line: str = "", station: str = "") -> Finding:
    """A finding whose file is not known yet.

    >>> finding("no_line", "no line serves it", station="A").code
    'no_line'
    """
    if code not in CODES:
        raise ValueError(f"found {code!r}, expected one of {', '.join(CODES)}")
    return Finding(file="", code=code, message=message, line=line, station=station)
