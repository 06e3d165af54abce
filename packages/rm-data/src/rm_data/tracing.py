"""Optimal routes between many pairs of stations of one map: the table's ways, in little time.

`RouteTable.ways` and `spelled` give the same routes in the same order, for one pair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product
from typing import Final, TypeAlias

from rm_data.grids import FAR
from rm_data.ground import Ground, per_map
from rm_data.line_graph import shortest_ways, stops_from, without_choice
from rm_data.tree import Tree, tree_from, way_in
from rm_rewards import Leg, Network, Route

_UNKNOWN: Final = 1
"""The stops between two pieces of a line whose connection is not known: the fewest possible."""

_Ride: TypeAlias = tuple[int, int, int]
"""(number of the line, departure, arrival): stations by their places in the table."""


class _Line:
    """One line, stations by their places in the table.

    Attributes:
        boards: Where one may come from another line. A route changes nowhere else: what is reached
            on this line needs no second ride on it.
    """

    def __init__(self, near: Mapping[int, Collection[int]], visits: Mapping[int, int]) -> None:
        self._near = near
        self._reach: dict[int, Mapping[int, int]] = {}
        self.boards = tuple(place for place in near if visits[place] > 1)

    def serves(self, place: int) -> bool:
        """Whether it stops there."""
        return place in self._near

    def reach(self, start: int) -> Mapping[int, int]:
        """The stops to each station that is known to be joined to `start` by this line."""
        if start not in self._reach:
            self._reach[start] = stops_from(self._near, start)
        return self._reach[start]


class _Spelling:
    """Rides as legs, each spelled once."""

    def __init__(self, network: Network, line: str) -> None:
        self._network = network
        self._line = line
        near = network.neighbours[line]
        forest = without_choice(near)
        self._near = near
        self._plain = forest == near
        self._trees: dict[str, Tree] = {}
        self._legs: dict[tuple[str, str], tuple[Leg, ...]] = {}

    def legs(self, start: str, end: str) -> tuple[Leg, ...]:
        """The ways to ride from `start` to `end`: several around a loop, none if not known."""
        kept = self._legs.get((start, end))
        if kept is None:
            ways = self._ways(start, end)
            kept = self._legs[start, end] = tuple(sorted_legs(self._network, self._line, ways))
        return kept

    def _ways(self, start: str, end: str) -> tuple[tuple[str, ...], ...]:
        if not self._plain:
            return shortest_ways(self._near, start, end)
        if start not in self._trees:
            self._trees[start] = tree_from(self._near, start)
        return (way_in(self._trees[start], start, end),)


def sorted_legs(network: Network, line: str, ways: Sequence[tuple[str, ...]]) -> Iterator[Leg]:
    """The ways as legs with names."""
    for way in ways:
        names = tuple([network.names[stop] for stop in way])
        yield Leg(
            route_name=line,
            departure_stop=names[0],
            arrival_stop=names[-1],
            via_stops=names[1:-1],
            num_via_stops=len(names) - 2,
        )


class Tracer:
    """The optimal routes of one map."""

    def __init__(self, ground: Ground) -> None:
        table = ground.table
        self._alike = frozenset(i for i, stop in enumerate(table.ids) if stop in ground.alike)
        self._ids = table.ids
        self._rides: list[list[int]] = table.rides.tolist()
        self._stops: list[list[int]] = table.stops.tolist()
        near = _by_place(ground)
        visits = Counter(place for line in near for place in line)
        self._lines = [_Line(line, visits) for line in near]
        self._at: list[list[int]] = [[] for _ in table.ids]
        for number, line in enumerate(near):
            for place in line:
                self._at[place].append(number)
        self._spelling = [_Spelling(ground.network, line) for line in ground.network.neighbours]

    def certain_routes(self, start: int, end: int) -> tuple[Route, ...]:
        """All optimal routes between two places of the table.

        None if there is no way, or if a connection that is not certain might give a route as good:
        a line in pieces, or a change at a station with two spellings.
        """
        if self._rides[start][end] >= FAR:
            return ()
        ways = list(self._back(start, end))
        for way in ways:
            for line, a, b in way:
                if b not in self._lines[line].reach(a) or not self._alike.isdisjoint((a, b)):
                    return ()
        return tuple(route for way in ways for route in self._spelled(way))

    def _spelled(self, way: tuple[_Ride, ...]) -> Iterator[Route]:
        ids = self._ids
        choices = [self._spelling[line].legs(ids[a], ids[b]) for line, a, b in way]
        yield from product(*choices)

    def _back(self, start: int, end: int) -> Iterator[tuple[_Ride, ...]]:
        rides, stops = self._rides[start], self._stops[start]
        before, total = rides[end] - 1, stops[end]
        for number in self._at[end]:
            line = self._lines[number]
            if before == 0:
                if line.serves(start) and line.reach(start).get(end, _UNKNOWN) == total:
                    yield ((number, start, end),)
                continue
            for board in line.boards:
                if rides[board] == before and (
                    stops[board] + line.reach(board).get(end, _UNKNOWN) == total
                ):
                    for first in self._back(start, board):
                        yield (*first, (number, board, end))


def _by_place(ground: Ground) -> list[dict[int, list[int]]]:
    """The neighbours on each line, where stations with two spellings are one."""
    column = {stop: place for place, stop in enumerate(ground.table.ids)}
    place = {s.id: column[ground.alike.get(s.id, s.id)] for s in ground.network.stations}
    lines: list[dict[int, list[int]]] = []
    for near in ground.network.neighbours.values():
        merged: dict[int, list[int]] = {}
        for stop, around in near.items():
            merged.setdefault(place[stop], []).extend(place[there] for there in around)
        lines.append(merged)
    return lines


tracer_of = per_map(Tracer)
"""The tracer of a map."""
