"""Has a planned route the form that was asked for?

For each leg one line each for `Route Name:`, `Departure Stop:` and `Arrival Stop:`, with a line
`--` between two legs. Reasoning may stand before the first leg, nothing after the last. Lines for
via stops, which ReasonMap's long questions ask for, may stand within a leg.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_LINE: Final = re.compile(
    r"(?P<line>Route Name:)|(?P<start>Departure Stop:)|(?P<end>Arrival Stop:)"
    r"|(?P<via>(?:Number of )?Via Stops:)|(?P<cut>-{2,}$)"
)
_SECOND_LABEL: Final = re.compile(r"(?:Departure Stop|Arrival Stop|Route Name):", re.IGNORECASE)
_FIRST: Final = re.compile(r"^[ \t]*(?=Route Name:)", re.MULTILINE)
_ANY_FIRST: Final = re.compile(r"route[\s_]*name[\s_\"'*`]*[:：]", re.IGNORECASE)
_FOLLOWS: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("line",),
    "line": ("start",),
    "start": ("end", "via"),
    "via": ("end", "via"),
    "end": ("cut", "tail"),
    "tail": ("cut", "tail"),
    "cut": ("line",),
}
"""What may stand on the line after each kind; `tail` is a via line after the arrival."""


def form_fault(text: str) -> str:
    """The code of the first departure from the form, or an empty text."""
    first, label = _FIRST.search(text), _ANY_FIRST.search(text)
    if first is None or label is None or label.start() != first.end():
        return "form:labels"
    previous = ""
    for line in filter(None, map(str.strip, text[first.start() :].split("\n"))):
        kind = _kind(line, previous)
        fault = _line_fault(line, kind, previous)
        if fault:
            return fault
        previous = kind
    return "" if previous in ("end", "tail", "cut") else "form:missing_field"


def _kind(line: str, previous: str) -> str:
    label = _LINE.match(line)
    kind = (label.lastgroup or "") if label else ""
    return "tail" if kind == "via" and previous in ("end", "tail") else kind


def _line_fault(line: str, kind: str, previous: str) -> str:
    if not kind:
        return "form:other_text"
    if kind not in _FOLLOWS[previous]:
        joined = kind == "line" and previous in ("end", "tail")
        return "form:separator" if joined else "form:missing_field"
    if kind == "cut":
        return ""
    value = line.partition(":")[2]
    if not value.strip() or (kind != "via" and not any(map(str.isalnum, value))):
        return "form:missing_field"
    return "form:separator" if _SECOND_LABEL.search(value) else ""
