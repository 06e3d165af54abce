"""A network while it is being repaired."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rm_data.importing.fixes import one_of
from rm_rewards import Line, Network, RecordError, Station


@dataclass
class DraftLine:
    """A line whose paths may still change."""

    line: Line
    paths: list[list[str]]
    loop: bool

    def made(self) -> Line:
        """The line as it is now."""
        return replace(self.line, paths=tuple(map(tuple, self.paths)), loop=self.loop)

    def edges(self) -> Iterator[tuple[int, int, frozenset[str]]]:
        """(path, place, the two stations) of each pair of neighbours."""
        for number, path in enumerate(self.paths):
            for place, pair in enumerate(pairwise(path)):
                yield number, place, frozenset(pair)

    def open(self) -> None:
        """Write the closing edge of a loop out."""
        if self.loop:
            self.paths = [[*path, path[0]] if len(path) > 2 else path for path in self.paths]
            self.loop = False

    def stops(self) -> set[str]:
        """The ids of its stations."""
        return {stop for path in self.paths for stop in path}

    def leave_out(self, stop: str) -> None:
        """Let the line go past a station, from the one before it to the one behind it."""
        paths = [[other for other in path if other != stop] for path in self.paths]
        self.paths = [path for path in paths if path]

    def attach(self, path: Sequence[str]) -> None:
        """Add a path; where its ends meet the ends of others, one of them at each, they become one.

        A station that was a path of its own is no more, once it lies on the path.
        """
        whole, free, kept = list(path), [path[0], path[-1]], list[list[str]]()
        place: int | None = None
        for old in self.paths:
            for meeting, joined in _joined(whole, old):
                if meeting in free and len(set(joined)) == len(joined):
                    whole, place = joined, len(kept) if place is None else place
                    free.remove(meeting)
                    break
            else:
                kept.append(old)
        kept.insert(len(kept) if place is None else place, whole)
        self.paths = [one for one in kept if one is whole or len(one) > 1 or one[0] not in whole]


def _joined(new: list[str], old: list[str]) -> Iterator[tuple[str, list[str]]]:
    """(where they meet, the two as one) for each end at which they do."""
    for way in (new, new[::-1]):
        if way[-1] == old[0]:
            yield old[0], way[:-1] + old
        if way[0] == old[-1]:
            yield old[-1], old + way[1:]


class Draft:
    """Lines by name and stations by id, to be changed in place."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.lines = {
            line.name: DraftLine(line, [list(path) for path in line.paths], line.loop)
            for line in network.lines
        }
        self.stations = {station.id: station for station in network.stations}

    def network(self) -> Network:
        """The network as it is now."""
        lines = tuple(line.made() for line in self.lines.values())
        return replace(self._network, lines=lines, stations=tuple(self.stations.values()))

    def line(self, name: str) -> DraftLine:
        """The line of that name.

        Raises:
            RecordError: If there is none, with those that come close.
        """
        if name not in self.lines:
            raise RecordError("line", name, f"a line: {one_of(name, tuple(self.lines))}")
        return self.lines[name]

    def station(self, name: str, field: str = "station") -> str:
        """The id of the station with that id, name or alias.

        Raises:
            RecordError: If there is none, with those that come close, or more than one.
        """
        if name in self.stations:
            return name
        found = [s.id for s in self.stations.values() if name == s.name or name in s.aliases]
        if len(found) != 1:
            expected = one_of(name, tuple(s.name for s in self.stations.values()))
            known = f"ids, for it names {', '.join(found)}" if found else f"a station: {expected}"
            raise RecordError(field, name, known)
        return found[0]

    def absent(self, name: str, field: str) -> None:
        """Refuse a name that a station has already."""
        for station in self.stations.values():
            if name in {station.id, station.name, *station.aliases}:
                raise RecordError(field, name, "a name that no station has yet")

    def lines_at(self, stop: str) -> list[str]:
        """The names of the lines at a station."""
        return [name for name, line in self.lines.items() if stop in line.stops()]

    def put(self, station: Station) -> None:
        """Add a station, or take it instead of the one with its id."""
        self.stations[station.id] = station

    def replace_on(self, line: str, old: str, new: str, beside: Sequence[str] = ()) -> bool:
        """Let a line serve another station instead of one; gives whether it did.

        With `beside`, only where it stands next to one of these.
        """
        made, before = self.lines[line], [[*path] for path in self.lines[line].paths]
        for path in made.paths:
            for place, stop in enumerate(path):
                near = {*path[max(place - 1, 0) : place], *path[place + 1 : place + 2]}
                if stop == old and (not beside or not near.isdisjoint(beside)):
                    path[place] = new
        return made.paths != before
