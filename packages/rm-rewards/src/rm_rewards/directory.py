"""Look up what a reply wrote: which station, which line, and whether a ride exists.

A directory is built once for a network and kept. Stations whose names share a key are one place
here: the published lists spell some interchanges differently from line to line.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from rm_rewards.names import line_key, spellings, station_key, without_remarks
from rm_rewards.network import Network

_UNKNOWN: Final = "\0"
_KEPT: Final = 64
_MOST_SEEN: Final = 40_000

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """The names of a network by key, and its graph with one node for each place.

    Attributes:
        places: Key of a station's name or alias -> the place (the id of one of its stations).
        titles: Key of a line's name -> the line's name.
        near: Line -> place -> the places one stop away on it, sorted.
        lines_at: Place -> the lines that serve it, in the order of the network.
    """

    places: Mapping[str, str]
    titles: Mapping[str, str]
    near: Mapping[str, Mapping[str, tuple[str, ...]]]
    lines_at: Mapping[str, tuple[str, ...]]
    _seen: dict[Hashable, Any] = field(
        default_factory=dict[Hashable, Any], repr=False, compare=False
    )

    def place(self, written: str) -> str:
        """The place of that name. Unknown names get a token of their own, equal by key."""
        return self.once(("place", written), self._place, written)

    def once(self, key: Hashable, find: Callable[..., Found], *args: object) -> Found:
        """What `find(*args)` found the first time; the last tens of thousands are kept."""
        found: Found | None = self._seen.get(key)
        if found is None:
            found = find(*args)
            if len(self._seen) >= _MOST_SEEN:
                self._seen.clear()
            self._seen[key] = found
        return found

    def _place(self, written: str) -> str:
        for spelling in spellings(written):
            found = self.places.get(station_key(spelling))
            if found is not None:
                return found
        return _UNKNOWN + station_key(written)

    def line(self, written: str) -> str:
        """The name of the line that was meant, or a token of its own for an unknown one."""
        return (
            written if written in self.near else self.once(("line", written), self._line, written)
        )

    def _line(self, written: str) -> str:
        for spelling in spellings(written):
            found = self.titles.get(line_key(spelling))
            if found is not None:
                return found
        return _UNKNOWN + line_key(written)

    def serves(self, line: str, place: str) -> bool:
        """Whether the line stops at that place."""
        return place in self.near.get(line, {})

    def runs(self, line: str, start: str, end: str) -> bool:
        """Whether a train of that line gets from the one place to the other: as `ride`, faster."""
        parts = self.once(("parts", line), self._parts, line)
        return start in parts and parts[start] == parts.get(end)

    def _parts(self, line: str) -> Mapping[str, int]:
        """For each place on a line the part of the line that it is on."""
        near = self.near.get(line, {})
        parts: dict[str, int] = {}
        for number, first in enumerate(near):
            edge = [first] if first not in parts else []
            while edge:
                parts.update(dict.fromkeys(edge, number))
                edge = [there for here in edge for there in near[here] if there not in parts]
        return parts

    def ride(self, line: str, start: str, end: str) -> tuple[str, ...]:
        """The places of the shortest ride on that line, both ends included; empty if none."""
        return self.once((line, start, end), self._ride, line, start, end)

    def _ride(self, line: str, start: str, end: str) -> tuple[str, ...]:
        near = self.near.get(line, {})
        if start not in near or end not in near:
            return ()
        came_from: dict[str, str] = {start: start}
        edge = [start]
        while edge and end not in came_from:
            edge = [
                there
                for here in edge
                for there in near[here]
                if came_from.setdefault(there, here) == here
            ]
        if end not in came_from:
            return ()
        ride = [end]
        while ride[-1] != start:
            ride.append(came_from[ride[-1]])
        return tuple(reversed(ride))


def is_known(token: str) -> bool:
    """Whether `Directory.place` or `Directory.line` knew the name."""
    return not token.startswith(_UNKNOWN)


def _directory(network: Network) -> Directory:
    places: dict[str, str] = {}
    for stop in network.stations:
        places.setdefault(station_key(stop.name), stop.id)
    for names in _other_names(network):
        places = _unambiguous((station_key(name), places[key]) for key, name in names) | places
    place_of = {s.id: places.get(station_key(s.name), s.id) for s in network.stations}
    places.pop("", None)
    titles = _unambiguous((line_key(line.name), line.name) for line in network.lines)
    aliases = ((line_key(alias), line.name) for line in network.lines for alias in line.aliases)
    taken = {line_key(line.name) for line in network.lines}
    titles |= {key: title for key, title in _unambiguous(aliases).items() if key not in taken}
    titles.pop("", None)
    near = {line: _merged(stops, place_of) for line, stops in network.neighbours.items()}
    lines_at = {
        place: tuple(line for line, stops in near.items() if place in stops)
        for place in dict.fromkeys(place_of.values())
    }
    return Directory(places=places, titles=titles, near=near, lines_at=lines_at)


def _other_names(network: Network) -> Iterable[Iterable[tuple[str, str]]]:
    """Key of a station's name -> another name: aliases, then names without brackets.

    A name of a later kind never takes the key of one before it.
    """
    yield [(station_key(s.name), alias) for s in network.stations for alias in s.aliases]
    yield [(station_key(s.name), without_remarks(s.name)) for s in network.stations]


def _unambiguous(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Key -> what it names, without the keys that name two."""
    found: dict[str, set[str]] = {}
    for key, thing in named:
        found.setdefault(key, set()).add(thing)
    return {key: things.pop() for key, things in found.items() if len(things) == 1}


def _merged(
    stops: Mapping[str, frozenset[str]], place_of: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for stop, near in stops.items():
        here = place_of[stop]
        found.setdefault(here, set()).update(place_of[there] for there in near)
    return {here: tuple(sorted(near - {here})) for here, near in found.items()}


_kept: OrderedDict[int, tuple[Network, Directory]] = OrderedDict()


def directory_of(network: Network) -> Directory:
    """The directory of that network; the last few are kept, so each is built once."""
    held = _kept.get(id(network))
    if held is not None and held[0] is network:
        return held[1]
    directory = _directory(network)
    _kept[id(network)] = (network, directory)
    while len(_kept) > _KEPT:
        _kept.popitem(last=False)
    return directory
