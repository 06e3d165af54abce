"""Knots on the cells of a grid, stretches as octilinear ways between them, and what it costs.

The cost counts what a reader would mind: tracks on top of one another or of stations, tracks that
leave a station in one direction, stations closer than a step, crossings, bends, and crowding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from rm_data.cities.grid import HEADINGS, Cell, Edge, edge, heading, other_diagonal, turn
from rm_data.placing.skeleton import Skeleton

OVER_STATION: Final = 60.0
ON_TRACK: Final = 40.0
SAME_HEADING: Final = 30.0
SHORT: Final = 25.0
CROSSING: Final = 16.0
LONG: Final = 0.5
CROWDED: Final = 0.25
TURNS: Final = (0.0, 1.0, 4.0, 16.0, 40.0)
"""By eighths: straight on, half left, left, sharp left, back."""

Way = Sequence[Cell]


@dataclass(slots=True)
class Board:
    """A skeleton on the grid.

    Attributes:
        skeleton: What is laid.
        at: The cell of each knot.
        ways: The cells of each stretch, ends included; empty while it is lifted.
    """

    skeleton: Skeleton
    at: dict[str, Cell]
    ways: list[Way]
    _knot_at: dict[Cell, int] = field(default_factory=dict[Cell, int])
    _passes: dict[Cell, int] = field(default_factory=dict[Cell, int])
    _edges: dict[Edge, int] = field(default_factory=dict[Edge, int])
    ends: dict[str, list[int]] = field(default_factory=dict[str, list[int]])

    def __post_init__(self) -> None:
        for knot, cell in self.at.items():
            self._knot_at[cell] = self._knot_at.get(cell, 0) + 1
            self.ends[knot] = []
        for number, stretch in enumerate(self.skeleton.stretches):
            self.ends[stretch.start].append(number)
            self.ends[stretch.end].append(number)
        for way in self.ways:
            self._count(way, 1)

    def lift(self, numbers: Iterable[int]) -> None:
        """Take stretches off the board."""
        for number in numbers:
            self._count(self.ways[number], -1)
            self.ways[number] = ()

    def lay(self, number: int, way: Way) -> None:
        """Put a stretch back on the board."""
        self.ways[number] = way
        self._count(way, 1)

    def move(self, knot: str, cell: Cell) -> None:
        """Put a knot, whose stretches are lifted, on another cell."""
        before = self.at[knot]
        self._knot_at[before] -= 1
        self._knot_at[cell] = self._knot_at.get(cell, 0) + 1
        self.at[knot] = cell

    def _count(self, way: Way, by: int) -> None:
        passes, edges = self._passes, self._edges
        for cell in way[1:-1]:
            passes[cell] = passes.get(cell, 0) + by
        for a, b in pairwise(way):
            key = edge(a, b)
            edges[key] = edges.get(key, 0) + by

    def free(self, cell: Cell) -> bool:
        """Whether nothing lies on the cell."""
        return not self._knot_at.get(cell) and not self._passes.get(cell)

    def cost_of_way(self, number: int, way: Way) -> float:
        """The cost of laying a lifted stretch so, against all that lies."""
        stretch = self.skeleton.stretches[number]
        knot_at, passes = self._knot_at, self._passes
        cost = 0.0
        for cell in way[1:-1]:
            cost += OVER_STATION * knot_at.get(cell, 0) + CROSSING * passes.get(cell, 0)
            cost += CROWDED * self._around(cell)
        cost += self._riding(way)
        steps = len(way) - 1
        missing = stretch.needs - steps
        cost += SHORT * missing if missing > 0 else -LONG * missing
        headings = [heading(a, b) for a, b in pairwise(way)]
        return cost + sum(TURNS[turn(a, b)] for a, b in pairwise(headings))

    def _riding(self, way: Way) -> float:
        edges, cost = self._edges, 0.0
        for a, b in pairwise(way):
            cost += ON_TRACK * edges.get(edge(a, b), 0)
            if a[0] != b[0] and a[1] != b[1]:
                cost += CROSSING * edges.get(other_diagonal(a, b), 0)
        return cost

    def _around(self, cell: Cell) -> int:
        x, y = cell
        knot_at, passes = self._knot_at, self._passes
        return sum(
            1
            for dx, dy in HEADINGS
            if knot_at.get((x + dx, y + dy)) or passes.get((x + dx, y + dy))
        )

    def cost_of_knot(self, knot: str) -> float:
        """The cost of how tracks leave a knot, and of what else lies on its cell."""
        cell = self.at[knot]
        cost = OVER_STATION * (self._knot_at[cell] - 1 + self._passes.get(cell, 0))
        cost += CROWDED * self._around(cell)
        leaves = {number: self._leaving(knot, number) for number in self.ends[knot]}
        known = [found for found in leaves.values() if found is not None]
        cost += SAME_HEADING * (len(known) - len(set(known)))
        for a, b in self.skeleton.through.get(knot, ()):
            one, other = leaves.get(a), leaves.get(b)
            if one is not None and other is not None and a != b:
                cost += TURNS[4 - turn(one, other)]
        return cost

    def _leaving(self, knot: str, number: int) -> int | None:
        way = self.ways[number]
        if len(way) < 2:
            return None
        if self.skeleton.stretches[number].start == knot:
            return heading(way[0], way[1])
        return heading(way[-1], way[-2])

    def cost(self) -> float:
        """The cost of the whole board; pairs that are in each other's way count once."""
        total = 0.0
        laid = list(self.ways)
        self.lift(range(len(laid)))
        for number, way in enumerate(laid):
            total += self.cost_of_way(number, way)
            self.lay(number, way)
        return total + sum(self.cost_of_knot(knot) for knot in self.at)

    def faults(self) -> int:
        """Knots that share a cell, ways over stations or on other ways, stations too close."""
        found = sum(times - 1 for times in self._knot_at.values() if times > 1)
        found += sum(1 for cell, times in self._passes.items() if times and self._knot_at.get(cell))
        found += sum(times - 1 for times in self._edges.values() if times > 1)
        pairs = zip(self.ways, self.skeleton.stretches, strict=True)
        return found + sum(len(way) - 1 < stretch.needs for way, stretch in pairs)
