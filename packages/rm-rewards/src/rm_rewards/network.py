"""A transit network: which stations each line serves, in which order.

The graph is the truth that questions are made from and replies are judged by. Each line has one or
more paths (a branch is a path of its own); two stations are neighbours on a line if they follow
each other in one of its paths, or close a loop. The published form `{line: [station, ...]}` is one
path a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, ClassVar, Final

from rm_rewards.records import RecordError

_ANNOTATION: Final = re.compile(
    r"\s*(?:\((?:Transfer|Branch-starting) Station\)|（换乘站）|（支线起始站）)"
)

_NUMBERED: Final = re.compile(r"Line (\d+)")
_CHINESE: Final = re.compile("[\u4e00-\u9fff]")


def plain_name(name: str) -> str:
    """The station's name without the remarks that the published lists append to it."""
    return _ANNOTATION.sub("", name).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A station: `id` is unique in the network, `name` is what the map shows."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line: each path lists station ids in riding order; `loop` closes every path.

    `colour` is `#rrggbb`, or empty where it is not known. `aliases` are other names of the line,
    such as its translation: a reply may use them, if no other line has the same one.
    """

    name: str
    paths: tuple[tuple[str, ...], ...]
    colour: str = ""
    loop: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Lines and stations of one city; read-only.

    Attributes:
        positions: Where stations lie on the map, by station id: x to the right and y down, in
            units of the map's own (cells of its grid for synthetic maps).
        names: The name of each station by its id.
        neighbours: `neighbours[line][station]`: the stations one stop away on it, both ways.
        lines_at: The names of the lines that serve each station, in the order of the file.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    city: str
    country: str = ""
    lines: tuple[Line, ...]
    stations: tuple[Station, ...]
    source: str = ""
    licence: str = ""
    positions: dict[str, tuple[float, float]] | None = None
    names: Mapping[str, str] = field(init=False, repr=False, compare=False)
    neighbours: Mapping[str, Mapping[str, frozenset[str]]] = field(
        init=False, repr=False, compare=False
    )
    lines_at: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = {s.id: s.name for s in self.stations}
        _unique("stations", [s.id for s in self.stations])
        _unique("lines", [line.name for line in self.lines])
        for line in self.lines:
            for stop in (stop for path in line.paths for stop in path):
                if stop not in names:
                    raise RecordError(f"lines[{line.name!r}].paths", stop, "the id of a station")
        neighbours = {line.name: _adjacent(line) for line in self.lines}
        lines_at: dict[str, list[str]] = {stop: [] for stop in names}
        for name, near in neighbours.items():
            for stop in near:
                lines_at[stop].append(name)
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "neighbours", neighbours)
        object.__setattr__(self, "lines_at", {s: tuple(lines_at[s]) for s in names})

    @property
    def interchanges(self) -> tuple[str, ...]:
        """The ids of the stations that more than one line serves."""
        return tuple(stop for stop, lines in self.lines_at.items() if len(lines) > 1)

    def stops_of(self, line: str) -> frozenset[str]:
        """The ids of the stations on that line; empty for a line that is not there."""
        return frozenset(self.neighbours.get(line, {}))


def _unique(name: str, values: Sequence[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise RecordError(name, value, "each of them once")
        seen.add(value)


def _adjacent(line: Line) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for path in line.paths:
        for stop in path:
            found.setdefault(stop, set())
        closing = [(path[-1], path[0])] if line.loop and len(path) > 2 else []
        for a, b in [*pairwise(path), *closing]:
            if a != b:
                found[a].add(b)
                found[b].add(a)
    return {stop: frozenset(near) for stop, near in found.items()}


def from_published(
    lists: Mapping[str, Sequence[str]], *, city: str, country: str = "", source: str = ""
) -> Network:
    """A network from the published form `{line: [station, ...]}`.

    Remarks such as ` (Transfer Station)` are dropped; the id of a station is its plain name. A list
    whose first and last station are the same is a loop. `Line 1` has the alias `Line No. 1`, and
    `1号线` where its stations have Chinese names.
    """
    lines: list[Line] = []
    seen: dict[str, Station] = {}
    for name, listed in lists.items():
        path = tuple(plain_name(stop) for stop in listed)
        loop = len(path) > 3 and path[0] == path[-1]
        aliases = _numbered_aliases(name, path)
        ridden = path[:-1] if loop else path
        lines.append(Line(name=name, paths=(ridden,), loop=loop, aliases=aliases))
        seen.update((stop, Station(id=stop, name=stop)) for stop in path)
    return Network(
        city=city, country=country, lines=tuple(lines), stations=tuple(seen.values()), source=source
    )


def _numbered_aliases(name: str, path: Sequence[str]) -> tuple[str, ...]:
    """What `Line 1` is called as well; in Chinese too, where its stations have Chinese names."""
    numbered = _NUMBERED.fullmatch(name)
    if numbered is None:
        return ()
    number = numbered[1]
    chinese = any(_CHINESE.search(stop) for stop in path)
    return (f"Line No. {number}", *((f"{number}号线", f"{number}號線") if chinese else ()))


def to_published(network: Network) -> dict[str, list[str]]:
    """The published form: one list a line, its paths one after the other, a loop closed."""
    return {line.name: list(_listed(line, network.names)) for line in network.lines}


def _listed(line: Line, names: Mapping[str, str]) -> Iterator[str]:
    for path in line.paths:
        yield from _named(path, names)
        if line.loop and path:
            yield names[path[0]]


def _named(path: Iterable[str], names: Mapping[str, str]) -> Iterator[str]:
    return (names[stop] for stop in path)
