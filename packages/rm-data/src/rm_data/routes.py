"""The optimal routes between two stations: fewest transfers, then fewest stops, all ties.

Rounds of one ride each, from all stations at once: after k rounds the stations that need k rides
are settled, with the fewest stops among the ways that use k rides. Distances within a line come
from the line's own graph, so loops and branches are exact.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rm_data.line_graph import shortest_ways, stops_from
from rm_rewards import Leg, Network, RecordError, Route

FAR: Final = 10_000_000
"""The number of stops, and of rides, between stations that are not connected."""


@dataclass(frozen=True, slots=True)
class Ride:
    """One ride by ids. `known` is False where the line's pieces join in a way nobody told us."""

    line: str
    start: str
    end: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class LineGrid:
    """Stops between all pairs of stations of one line; `at` are their places in the table."""

    name: str
    at: NDArray[np.int32]
    stops: NDArray[np.int32]
    known: NDArray[np.bool_]


class RouteTable:
    """Rides and stops between all pairs of stations of a network.

    Attributes:
        ids: The stations, in the order of the rows and columns.
        rides: `rides[i, j]`: the fewest rides from i to j (transfers + 1); 0 on the diagonal, `FAR`
            where there is no way.
        stops: The fewest stops among the ways with that many rides.
        grids: The distances within each line, in the order of the lines.
        joined: Whether no line falls into pieces that do not meet.
    """

    def __init__(
        self, network: Network, *, same: Mapping[str, str] | None = None, optimistic: bool = False
    ) -> None:
        """Work out all pairs.

        Args:
            network: The map.
            same: Stations to be taken for one, as {id: id that stands for it}.
            optimistic: Take two pieces of a line that do not meet for one stop apart. The figures
                are then lower bounds, and a route is certain if all its rides are `known`.
        """
        self._same = same or {}
        self.ids = tuple(s.id for s in network.stations if self._one(s.id) == s.id)
        self._index = {stop: i for i, stop in enumerate(self.ids)}
        self.grids = tuple(self._grid(network, name, optimistic) for name in network.neighbours)
        self.joined = all(bool(grid.known.all()) for grid in self.grids)
        size = len(self.ids)
        self.rides: NDArray[np.int32] = np.full((size, size), FAR, dtype=np.int32)
        self.stops: NDArray[np.int32] = np.full((size, size), FAR, dtype=np.int32)
        np.fill_diagonal(self.rides, 0)
        np.fill_diagonal(self.stops, 0)
        count = 1
        while self._ride_on(count):
            count += 1

    def _one(self, stop: str) -> str:
        return self._same.get(stop, stop)

    def _grid(self, network: Network, line: str, optimistic: bool) -> LineGrid:
        near: dict[str, set[str]] = {}
        for stop, around in network.neighbours[line].items():
            near.setdefault(self._one(stop), set()).update(self._one(there) for there in around)
        inside = {stop: i for i, stop in enumerate(near)}
        stops = np.full((len(near), len(near)), FAR, dtype=np.int32)
        for stop, row in inside.items():
            for there, count in stops_from(near, stop).items():
                stops[row, inside[there]] = count
        known = stops < FAR
        if optimistic:
            stops[~known] = 1
        at = np.array([self._index[stop] for stop in near], dtype=np.int32)
        return LineGrid(line, at, stops, known)

    def _ride_on(self, count: int) -> bool:
        """Settle the stations that need exactly `count` rides; False if there are none."""
        found = np.full_like(self.stops, FAR)
        for grid in self.grids:
            rides = self.rides[:, grid.at]
            base = np.where(rides == count - 1, self.stops[:, grid.at], FAR)
            rows = np.flatnonzero((base < FAR).any(axis=1))
            reached = (base[rows, :, None] + grid.stops[None]).min(axis=1, initial=FAR)
            place = np.ix_(rows, grid.at)
            found[place] = np.minimum(found[place], reached)
        new = (found < FAR) & (self.rides == FAR)
        self.rides[new] = count
        self.stops[new] = found[new]
        return bool(new.any())

    def ways(self, a: str, b: str) -> Iterator[tuple[Ride, ...]]:
        """All the optimal ways from `a` to `b` as rides; nothing where there is none."""
        start, end = self._index[a], self._index[b]
        if self.rides[start, end] < FAR:
            yield from self._back(start, end)

    def _back(self, start: int, end: int) -> Iterator[tuple[Ride, ...]]:
        if start == end:
            yield ()
            return
        for grid in self.grids:
            for inside in np.flatnonzero(grid.at == end):
                ridden = self.stops[start, grid.at] + grid.stops[:, inside]
                fits = (ridden == self.stops[start, end]) & (
                    self.rides[start, grid.at] == self.rides[start, end] - 1
                )
                for row in np.flatnonzero(fits):
                    board = int(grid.at[row])
                    known = bool(grid.known[row, inside])
                    last = Ride(grid.name, self.ids[board], self.ids[end], known)
                    for first in self._back(start, board):
                        yield (*first, last)

    def between(self, a: str, b: str) -> tuple[int, int] | None:
        """(transfers, stops) of the optimal routes; None where there is no way."""
        i, j = self._index[a], self._index[b]
        rides = int(self.rides[i, j])
        return None if rides >= FAR else (rides - 1, int(self.stops[i, j]))

    def stops_to_lines(self) -> dict[str, dict[str, int]]:
        """By line and station: the stops from the station to the nearest station of the line."""
        return {
            grid.name: dict(
                zip(self.ids, self.stops[:, grid.at].min(axis=1, initial=FAR).tolist(), strict=True)
            )
            for grid in self.grids
        }


_KEPT: Final = 8
_tables: OrderedDict[int, tuple[Network, RouteTable]] = OrderedDict()
"""By the identity of a network, which is held so that no other can take its place."""


def table_of(network: Network) -> RouteTable:
    """The table of that network; those of the networks that came last are kept."""
    kept = _tables.get(id(network))
    if kept is None:
        kept = (network, RouteTable(network))
        _tables[id(network)] = kept
        while len(_tables) > _KEPT:
            _tables.popitem(last=False)
    return kept[1]


def routes(network: Network, a: str, b: str) -> tuple[Route, ...]:
    """All optimal routes from `a` to `b`: fewest transfers, and among these fewest stops.

    A ride follows a shortest way on the graph of its line; where a loop offers two, both count.

    Args:
        network: The map.
        a: Id or name of the station of departure.
        b: Id or name of the destination.

    Returns:
        The routes, each a tuple of legs that name line and stations; empty if `b` cannot be reached
        by the connections that are known.

    Raises:
        RecordError: For a station that the network does not have, an ambiguous name, or a = b.
    """
    start, end = _pair(network, a, b)
    return tuple(
        legs for way in table_of(network).ways(start, end) for legs in spelled(network, way)
    )


def min_transfers(network: Network, a: str, b: str) -> int | None:
    """The fewest transfers from `a` to `b` (0 = direct), or None if there is no way.

    Raises:
        RecordError: As `routes`.
    """
    found = table_of(network).between(*_pair(network, a, b))
    return None if found is None else found[0]


def spelled(network: Network, way: tuple[Ride, ...]) -> Iterator[Route]:
    """The rides as legs with names and via stops; several where a ride has several shortest ways.

    A ride that is not `known` has no way to spell, and so the whole route has none.
    """
    choices = [
        [
            _leg(network, ride, path)
            for path in shortest_ways(network.neighbours[ride.line], ride.start, ride.end)
        ]
        for ride in way
    ]
    yield from product(*choices)


def _leg(network: Network, ride: Ride, path: tuple[str, ...]) -> Leg:
    names = tuple(network.names[stop] for stop in path)
    return Leg(
        route_name=ride.line,
        departure_stop=names[0],
        arrival_stop=names[-1],
        via_stops=names[1:-1],
        num_via_stops=len(names) - 2,
    )


def _pair(network: Network, a: str, b: str) -> tuple[str, str]:
    start, end = station_id(network, a, "a"), station_id(network, b, "b")
    if start == end:
        raise RecordError("b", b, f"another station than the departure {a!r}")
    return start, end


def station_id(network: Network, station: str, field: str = "station") -> str:
    """The id of the station with that id, name or alias.

    Raises:
        RecordError: If there is none, with the names that come close, or more than one.
    """
    if station in network.names:
        return station
    found = [s.id for s in network.stations if station == s.name or station in s.aliases]
    if len(found) == 1:
        return found[0]
    if found:
        raise RecordError(field, station, f"one station; it names {', '.join(found)}: give the id")
    close = get_close_matches(station, list(network.names.values()), n=3)
    hint = f", such as {', '.join(map(repr, close))}" if close else ""
    raise RecordError(field, station, f"a station of {network.city}{hint}")
