"""The optimal routes between two stations: fewest transfers, then fewest stops, all ties.

Rounds of one ride each, from all stations at once: after k rounds the stations that need k rides
are settled, with the fewest stops among the ways that use k rides. Distances within a line come
from the line's own graph, so loops and branches are exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from rm_data.grids import FAR, MOST, Grid, Stops, grids_of, refuse_size
from rm_data.line_graph import shortest_ways
from rm_data.per_network import PerNetwork
from rm_data.stations import pair_of
from rm_rewards import Leg, Network, Route


@dataclass(frozen=True, slots=True)
class Ride:
    """One ride by ids. `known` is False where the line's pieces join in a way nobody told us."""

    line: str
    start: str
    end: str
    known: bool = True


class RouteTable:
    """Rides and stops between all pairs of stations of a network.

    Attributes:
        ids: The stations, in the order of the columns; of the rows too, unless some were chosen.
        rides: `rides[i, j]`: the fewest rides from i to j (transfers + 1); 0 on the diagonal, `FAR`
            where there is no way.
        stops: The fewest stops among the ways with that many rides.
        joined: Whether no line falls into pieces that do not meet.
        grids: The lines.
    """

    def __init__(
        self,
        network: Network,
        *,
        same: Mapping[str, str] | None = None,
        optimistic: bool = False,
        origins: Sequence[str] | None = None,
    ) -> None:
        """Work out all pairs.

        Args:
            network: The map.
            same: Stations to be taken for one, as {id: id that stands for it}.
            optimistic: Take two pieces of a line that do not meet for one stop apart. The figures
                are then lower bounds, and a route is certain if all its rides are `known`.
            origins: The stations of departure; all of them without.

        Raises:
            RecordError: For all pairs of a network with more stations than `MOST`.
        """
        if origins is None:
            refuse_size(network)
        self._same = same or {}
        self.ids = tuple(s.id for s in network.stations if self._one(s.id) == s.id)
        self._index = {stop: i for i, stop in enumerate(self.ids)}
        rows = self.ids if origins is None else tuple(self._one(stop) for stop in origins)
        self._row = {stop: i for i, stop in enumerate(rows)}
        self.grids = grids_of(network, self._index, same=same, optimistic=optimistic)
        self._at = places_of(self.grids, len(self.ids))
        self.joined = all(grid.joined for grid in self.grids)
        self.rides: Stops = np.full((len(rows), len(self.ids)), FAR, dtype=np.int32)
        self.stops: Stops = np.full_like(self.rides, FAR)
        for table in (self.rides, self.stops):
            table[range(len(rows)), [self._index[stop] for stop in rows]] = 0
        count = 1
        while self._ride_on(count):
            count += 1

    def _one(self, stop: str) -> str:
        return self._same.get(stop, stop)

    def _ride_on(self, count: int) -> bool:
        """Settle the stations that need exactly `count` rides; False if there are none."""
        found = np.full_like(self.stops, FAR)
        aboard = np.where(self.rides == count - 1, self.stops, FAR)
        for grid in self.grids:
            ride_into(found, aboard, grid)
        new = (found < FAR) & (self.rides == FAR)
        self.rides[new] = count
        self.stops[new] = found[new]
        return bool(new.any())

    def ways(self, a: str, b: str) -> Iterator[tuple[Ride, ...]]:
        """All the optimal ways from `a` to `b` as rides; nothing where there is none."""
        row, origin, end = self._row[a], self._index[a], self._index[b]
        if self.rides[row, end] < FAR:
            yield from self._back(row, origin, end)

    def _back(self, row: int, origin: int, end: int) -> Iterator[tuple[Ride, ...]]:
        if origin == end:
            yield ()
            return
        for grid, inside in self._at[end]:
            ridden = self.stops[row, grid.at] + grid.stops[:, inside]
            fits = (ridden == self.stops[row, end]) & (
                self.rides[row, grid.at] == self.rides[row, end] - 1
            )
            for place in np.flatnonzero(fits):
                board = int(grid.at[place])
                known = bool(grid.known[place, inside])
                last = Ride(grid.name, self.ids[board], self.ids[end], known)
                for first in self._back(row, origin, board):
                    yield (*first, last)

    def between(self, a: str, b: str) -> tuple[int, int] | None:
        """(transfers, stops) of the optimal routes; None where there is no way."""
        i, j = self._row[a], self._index[b]
        rides = int(self.rides[i, j])
        return None if rides >= FAR else (rides - 1, int(self.stops[i, j]))

    def stops_to_lines(self) -> dict[str, dict[str, int]]:
        """By line and station: the stops from the station to the nearest station of the line."""
        return {
            grid.name: dict(
                zip(
                    self._row, self.stops[:, grid.at].min(axis=1, initial=FAR).tolist(), strict=True
                )
            )
            for grid in self.grids
        }


def ride_into(found: Stops, aboard: Stops, grid: Grid) -> None:
    """Put what one ride on that line reaches into `found`, where it is shorter."""
    base = aboard[:, grid.at]
    rows = np.flatnonzero((base < FAR).any(axis=1))
    if rows.size:
        place = np.ix_(rows, grid.at)
        found[place] = np.minimum(found[place], grid.ride(base[rows]))


def places_of(grids: Sequence[Grid], size: int) -> list[list[tuple[Grid, int]]]:
    """By the column of a station: its lines, with its place on each."""
    at: list[list[tuple[Grid, int]]] = [[] for _ in range(size)]
    for grid in grids:
        columns: list[int] = grid.at.tolist()
        for inside, column in enumerate(columns):
            at[column].append((grid, inside))
    return at


table_of = PerNetwork(RouteTable)
"""The table of that network; those of the networks that came last are kept."""


def table_from(network: Network, start: str) -> RouteTable:
    """A table that holds at least the routes from that station, by its id."""
    if len(network.stations) > MOST:
        return RouteTable(network, origins=(start,))
    return table_of(network)


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
    start, end = pair_of(network, a, b)
    return tuple(
        legs
        for way in table_from(network, start).ways(start, end)
        for legs in spelled(network, way)
    )


def min_transfers(network: Network, a: str, b: str) -> int | None:
    """The fewest transfers from `a` to `b` (0 = direct), or None if there is no way.

    Raises:
        RecordError: As `routes`.
    """
    start, end = pair_of(network, a, b)
    found = table_from(network, start).between(start, end)
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
