"""The name that a line of ReasonMap's reference routes has in the station lists.

The reference routes come from a map service and call lines otherwise: `地铁5号线(后关--虎滩新区)`,
`Metro A Line`, `MRed2`, where the station lists say `Line 5`, `Line A`, `Red Line`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

_NUMBER: Final = re.compile(r"\d+")
_BRACKETS: Final = re.compile(r"\(.*?\)")
_FROM_REPLY: Final = (
    re.compile(r"(?i)Metro\s+([A-Z0-9]{1,2})[-\s]?Line"),
    re.compile(r"(?i)Metro\s+([A-Z0-9]{1,2})"),
    re.compile(r"(?i)Linea\s+([A-Z0-9]{1,2})"),
    re.compile(r"(?i)([A-Z0-9]{1,2})"),
)
_REFERENCE: Final = (
    re.compile(r"(?i)Metro\s+([A-Z0-9]{1,2})(?:[-\s]?Line)?\b"),
    re.compile(r"(?i)Linea\s+([A-Z0-9]{1,2})\b"),
    re.compile(r"(?i)\bM(\d+)"),
    re.compile(r"(?i)\b([A-Z0-9]{1,2})\s+(?:Line|Train)\b"),
    re.compile(r"(?i)^\s*([A-Z0-9]{1,2})\s*$"),
)
_KNOWN: Final = {
    "West": "Western Line",
    "Sth": "Southern Line",
    "East": "Eastern Line",
    "MRed1": "Red Line",
    "MRed2": "Red Line",
    "MGrn": "Green Line",
    "B1": "Line B",
    "MRT Putrajaya Line": "Line 12",
    "Ampang Line": "Line 3",
    "LRT Kelana Jaya Line": "Line 5",
    "KTM Tanjung Malim - Pelabuhan Klang": "Line 2",
    "LRT Sri Petaling Line": "Line 4",
    "MRT Kajang Line": "Line 9",
    "KTM Batu Caves - Pulau Sebang/Tampin": "Line 1",
}


def reference_line(name: str, lists: Mapping[str, Sequence[str]], country: str) -> str:
    """The line of the station lists that a reference route means; its own name if none is known."""
    if country == "china":
        return _chinese(name)
    return next((line for line in _candidates(name) if line in lists), name)


def line_from_reply(name: str, city: str) -> str:
    """What the published evaluation takes for the reference's line outside China.

    It looks at the name in the reply, not in the reference, and its widest pattern comes early: two
    letters of nearly any name, so that `Red Line` becomes `Line Re` and never agrees with itself.
    """
    for pattern in _FROM_REPLY:
        if found := pattern.search(name):
            short = (
                "B"
                if found[1] == "B1" and city == "rome" and pattern is _FROM_REPLY[-1]
                else (found[1])
            )
            return f"Line {short}"
    return name


def _chinese(name: str) -> str:
    number = _NUMBER.search(name)
    return f"Line {int(number[0])}" if number else _BRACKETS.sub("", name).replace("地铁", "")


def _candidates(name: str) -> Iterator[str]:
    yield name
    if name in _KNOWN:
        yield _KNOWN[name]
    for pattern in _REFERENCE:
        if found := pattern.search(name):
            yield f"Line {found[1].upper()}"
            yield f"Line {found[1]}"
    yield f"{name} Line"
