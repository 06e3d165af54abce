"""The routes between two stations that no other route beats: transfers against stops.

A route is Pareto-optimal if none has both fewer transfers and no more stops, or fewer stops and no
more transfers. Rounds of one ride each, as in RAPTOR (Delling, Pajor and Werneck 2012) without
times: round k holds the fewest stops with at most k rides, for all pairs at once, and a round that
needs fewer stops than the one before has found a new trade-off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rm_data.grids import FAR, MOST, Stops, grids_of, refuse_size
from rm_data.per_network import PerNetwork
from rm_data.routes import Ride, places_of, ride_into, spelled
from rm_data.stations import pair_of
from rm_rewards import Network, Route


class ParetoTable:
    """The fewest stops between all pairs of stations, for each number of rides.

    Attributes:
        ids: The stations, in the order of the columns; of the rows too, unless some were chosen.
        rounds: `rounds[k][i, j]`: the fewest stops from i to j with at most k rides; `FAR` where
            there is no way. More rides than rounds never save a stop.
    """

    def __init__(self, network: Network, *, origins: Sequence[str] | None = None) -> None:
        """Work out all pairs, or all pairs that begin at some stations.

        Raises:
            RecordError: For all pairs of a network with more stations than `MOST`.
        """
        if origins is None:
            refuse_size(network)
        self.ids = tuple(network.names)
        self._index = {stop: i for i, stop in enumerate(self.ids)}
        self._row = {stop: i for i, stop in enumerate(origins or self.ids)}
        self.grids = grids_of(network, self._index)
        self._at = places_of(self.grids, len(self.ids))
        first: Stops = np.full((len(self._row), len(self.ids)), FAR, dtype=np.int32)
        first[range(len(self._row)), [self._index[stop] for stop in self._row]] = 0
        self.rounds = (first, *self._later(first))

    def _later(self, first: Stops) -> Iterator[Stops]:
        before, aboard = first, first
        while True:
            after = before.copy()
            for grid in self.grids:
                ride_into(after, aboard, grid)
            better = after < before
            if not better.any():
                return
            yield after
            before, aboard = after, np.where(better, after, FAR).astype(np.int32)

    def front(self, a: str, b: str) -> tuple[tuple[int, int], ...]:
        """(transfers, stops) of the routes that no other beats, fewest transfers first."""
        return tuple(
            (rides - 1, stops) for rides, stops in self._front(self._row[a], self._index[b])
        )

    def _front(self, row: int, end: int) -> Iterator[tuple[int, int]]:
        fewest = FAR
        for rides, table in enumerate(self.rounds):
            stops = int(table[row, end])
            if stops < fewest:
                yield rides, stops
                fewest = stops

    def ways(self, a: str, b: str) -> Iterator[tuple[Ride, ...]]:
        """All the Pareto-optimal ways from `a` to `b` as rides, fewest transfers first."""
        row, origin, end = self._row[a], self._index[a], self._index[b]
        for rides, _ in self._front(row, end):
            yield from self._back(row, origin, end, rides)

    def _back(self, row: int, origin: int, end: int, rides: int) -> Iterator[tuple[Ride, ...]]:
        """The ways with that many rides, which must be fewer stops than any way with fewer."""
        if rides == 0:
            yield ()
            return
        before = self.rounds[rides - 1][row]
        for grid, inside in self._at[end]:
            fits = before[grid.at] + grid.stops[:, inside] == self.rounds[rides][row, end]
            if rides > 1:  # the rides before must be needed, too
                fits &= before[grid.at] < self.rounds[rides - 2][row, grid.at]
            for place in np.flatnonzero(fits):
                board = int(grid.at[place])
                last = Ride(grid.name, self.ids[board], self.ids[end])
                for first in self._back(row, origin, board, rides - 1):
                    yield (*first, last)


_table_of = PerNetwork(ParetoTable)


def _table_from(network: Network, start: str) -> ParetoTable:
    if len(network.stations) > MOST:
        return ParetoTable(network, origins=(start,))
    return _table_of(network)


def pareto_front(network: Network, a: str, b: str) -> tuple[tuple[int, int], ...]:
    """(transfers, stops) of the routes from `a` to `b` that no other route beats.

    Fewest transfers first: each further pair has more transfers and fewer stops. Empty if there is
    no way.

    Raises:
        RecordError: As `rm_data.routes`.
    """
    start, end = pair_of(network, a, b)
    return _table_from(network, start).front(start, end)


def pareto_routes(network: Network, a: str, b: str) -> tuple[Route, ...]:
    """All the routes from `a` to `b` that no other route beats in transfers and stops.

    Those with the fewest transfers come first; they are what `rm_data.routes` gives. Routes with
    more transfers follow only where they save stops. All ties are there, and where a loop offers
    two ways of the same length, both count.

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
        for way in _table_from(network, start).ways(start, end)
        for legs in spelled(network, way)
    )
