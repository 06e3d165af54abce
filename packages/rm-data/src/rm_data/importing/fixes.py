"""Fixes of networks that are known to be wrong: a file of them, read and checked.

A file of fixes is TOML with one table a fix:

    [[fix]]
    network = "singapore/singapore"
    kind = "cut"
    line = "Circle Line"
    between = ["Dhoby Ghaut Station", "Bayfront Station"]
    reason = "The branch to Marina Bay leaves at Promenade."
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar, Final, TypeAlias, cast

from rm_rewards import RecordError
from rm_rewards.jsonl import parse_object


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fix:
    """What every fix says: which network, `<country>/<city>`, and why."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    network: str
    reason: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise RecordError("reason", self.reason, "why the network is wrong")
        if self.network.count("/") != 1:
            raise RecordError("network", self.network, "<country>/<city>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut(_Fix):
    """Two stations that follow each other on a line are no neighbours."""

    line: str
    between: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Join(_Fix):
    """Stations of the network that are neighbours on a line, one after the other."""

    line: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend(_Fix):
    """A stretch of a line that is missing, and those of its stations that no line has (`new`)."""

    line: str
    path: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(_Fix):
    """The last station of a line and its first are neighbours: the line is a loop."""

    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge(_Fix):
    """Two spellings of one station: `station` becomes another name of `into`."""

    station: str
    into: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Split(_Fix):
    """Two stations with one spelling: on `lines` it is another station than elsewhere.

    With `beside`, only where it stands next to one of these: a line may pass both of the two.
    """

    station: str
    lines: tuple[str, ...]
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename(_Fix):
    """A wrong spelling, kept as another name of the station."""

    station: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias(_Fix):
    """Another name of a station."""

    station: str
    alias: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop(_Fix):
    """A line that is none, with the stations that are on no other line; or one station of it."""

    line: str
    station: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour(_Fix):
    """The colour of a line, `#rrggbb`, where that of its file is missing or wrong."""

    line: str
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(_Fix):
    """A finding of `validate` that is no defect: the map is like that."""

    code: str
    line: str = ""
    station: str = ""

    def covers(self, code: str, line: str, station: str) -> bool:
        """Whether that finding is the one; a line or station that is not given may be any."""
        return code == self.code and self.line in {"", line} and self.station in {"", station}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known(_Fix):
    """A defect that cannot be repaired here; it is told when the network is imported."""


Fix: TypeAlias = (
    Cut | Join | Extend | Close | Merge | Split | Rename | Alias | Drop | Colour | Confirm | Known
)

KINDS: Final[dict[str, type[Fix]]] = {
    "cut": Cut,
    "join": Join,
    "extend": Extend,
    "close": Close,
    "merge": Merge,
    "split": Split,
    "rename": Rename,
    "alias": Alias,
    "drop": Drop,
    "colour": Colour,
    "confirm": Confirm,
    "known": Known,
}


@dataclass(frozen=True, slots=True)
class PlacedFix:
    """A fix and where it stands: `FILE: fix 3 (cut, china/shanghai)`."""

    where: str
    fix: Fix


@dataclass(frozen=True, slots=True)
class Fixes:
    """The fixes of a file, in its order, which is the order that they are made in."""

    name: str
    placed: tuple[PlacedFix, ...] = ()

    def of(self, network: str) -> tuple[PlacedFix, ...]:
        """Those of one network, `<country>/<city>`."""
        return tuple(placed for placed in self.placed if placed.fix.network == network)

    def networks(self) -> tuple[str, ...]:
        """The networks that it fixes."""
        return tuple(dict.fromkeys(placed.fix.network for placed in self.placed))


NO_FIXES: Final = Fixes("none")

SHIPPED: Final = "reasonmap"
"""The name of the fixes that come with the package."""


def read_fixes(name: str) -> Fixes:
    """The fixes of a file; `none`, and `reasonmap`, which come with the package.

    Raises:
        RecordError: Naming file, fix, field, what was found and what was expected.
        OSError: If the file cannot be opened.
    """
    if name == "none":
        return NO_FIXES
    if name == SHIPPED:
        text = files("rm_data.importing").joinpath("fixes", f"{SHIPPED}.toml").read_bytes()
        return Fixes(name, tuple(_parsed(text, name)))
    return Fixes(name, tuple(_parsed(Path(name).read_bytes(), name)))


def _parsed(content: bytes, name: str) -> Iterator[PlacedFix]:
    try:
        loaded = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:  # also: no UTF-8
        raise RecordError("file", str(error), "fixes as TOML", where=name) from None
    if unknown := set(loaded) - {"fix"}:
        raise RecordError("file", min(unknown), "tables [[fix]] alone", where=name)
    listed = loaded.get("fix", [])
    if not isinstance(listed, list):
        raise RecordError("fix", listed, "tables [[fix]], with two brackets", where=name)
    for number, table in enumerate(cast("list[object]", listed), start=1):
        yield _placed(table, f"{name}: fix {number}")


def _placed(table: object, where: str) -> PlacedFix:
    if not isinstance(table, dict):
        raise RecordError("fix", table, "a table", where=where)
    values = dict(cast("dict[str, object]", table))
    kind = values.pop("kind", None)
    if not isinstance(kind, str) or kind not in KINDS:
        raise RecordError("kind", kind, one_of(str(kind), KINDS), where=where)
    names = {field.name for field in fields(KINDS[kind])}
    where = f"{where} ({kind}, {values.get('network', '?')})"
    if unknown := [key for key in values if key not in names]:
        raise RecordError("key", unknown[0], one_of(unknown[0], names), where=where)
    try:
        return PlacedFix(where, parse_object(KINDS[kind], values, where))
    except TypeError:  # TOML has dates, JSON has not
        raise RecordError("value", values, "texts and lists of texts", where=where) from None


def one_of(found: str, known: Iterator[str] | dict[str, Any] | set[str] | tuple[str, ...]) -> str:
    """What was expected instead: the names that come close, or all of a few."""
    names = sorted(known)
    close = get_close_matches(found, names, n=3)
    if close:
        return f"one that is there, such as {', '.join(map(repr, close))}"
    if len(names) <= len(KINDS):
        return f"one of {', '.join(names)}"
    return f"one of the {len(names)} that are there"
