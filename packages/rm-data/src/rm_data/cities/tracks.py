"""What lies on the grid already, and whether another line may be laid through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rm_data.cities.grid import HEADINGS, Cell, Edge, edge, heading, other_diagonal, turn

MOST_AT_CELL = 4
"""Lines through one cell."""
_SPOKES = 5
"""Directions in which lines may leave a cell: with more, no name finds room beside it."""
_USUAL = 3
"""Cells in use on and around a cell where one line passes; each further one takes room."""
_FULL = 6
"""With so many of the nine in use before another line comes, a name finds no room there."""


@dataclass(slots=True)
class Course:
    """The cells of a line in riding order, and of its branch, which begins on the trunk."""

    trunk: list[Cell]
    loop: bool = False
    branch: list[Cell] = field(default_factory=list[Cell])

    @property
    def ways(self) -> tuple[list[Cell], ...]:
        """Trunk and branch; a loop ends where it began."""
        trunk = [*self.trunk, self.trunk[0]] if self.loop else self.trunk
        return (trunk, self.branch) if self.branch else (trunk,)


@dataclass(slots=True)
class Tracks:
    """The lines laid so far.

    Attributes:
        columns: Cells of a row.
        rows: Cells of a column.
        most_shared: Lines that may share an edge.
        courses: The lines.
        at: The lines through each cell.
        on: The lines along each edge.
        spokes: The headings in which tracks leave each cell.
        near: How many cells in use lie on or around each cell.
        ends: Terminals; no other line passes there.
        fixed: Cells that must be stations, since a line is joined to the network or to its branch.
    """

    columns: int
    rows: int
    most_shared: int = 2
    courses: list[Course] = field(default_factory=list[Course])
    at: dict[Cell, list[int]] = field(default_factory=dict[Cell, list[int]])
    on: dict[Edge, list[int]] = field(default_factory=dict[Edge, list[int]])
    spokes: dict[Cell, set[int]] = field(default_factory=dict[Cell, set[int]])
    near: dict[Cell, int] = field(default_factory=dict[Cell, int])
    ends: set[Cell] = field(default_factory=set[Cell])
    fixed: set[Cell] = field(default_factory=set[Cell])

    def lay(self, course: Course) -> None:
        """Add a line that `cost` has allowed."""
        number = len(self.courses)
        self.courses.append(course)
        for way in course.ways:
            self._occupy(way, number)
        if not course.loop:
            self.ends.update((course.trunk[0], course.trunk[-1]))

    def fork(self, course: Course, branch: list[Cell]) -> None:
        """Add a branch to a line; it begins at a cell of the line, which becomes a station."""
        course.branch = branch
        self.fixed.add(branch[0])
        self.ends.add(branch[-1])
        self._occupy(branch, self.courses.index(course))

    def _occupy(self, way: Sequence[Cell], number: int) -> None:
        for cell in way:
            lines = self.at.get(cell)
            if lines is None:
                self.at[cell] = [number]
                self._crowd(cell)
            elif number not in lines:
                lines.append(number)
        for a, b in pairwise(way):
            lines = self.on.setdefault(edge(a, b), [])
            if number not in lines:
                lines.append(number)
            self.spokes.setdefault(a, set()).add(heading(a, b))
            self.spokes.setdefault(b, set()).add(heading(b, a))

    def _crowd(self, cell: Cell) -> None:
        x, y = cell
        self.near[cell] = self.near.get(cell, 0) + 1
        for dx, dy in HEADINGS:
            beside = (x + dx, y + dy)
            self.near[beside] = self.near.get(beside, 0) + 1

    def cost(self, way: Sequence[Cell], *, shared: int) -> float | None:
        """How ill a way fits in, or None if it breaks a rule.

        Args:
            way: The cells in order.
            shared: Edges that the way has in common with other lines; no more, no less.

        The rules: no cell twice; terminals stay alone; no crossing between cells; nowhere two cells
        in a row that others use, except along a shared edge; no turn of more than a right angle.
        """
        if len(set(way)) < len(way):
            return None
        bend_cost = _bend_cost(way)
        if bend_cost is None:
            return None
        found = self._meetings(way)
        if found is None or found[0] != shared:
            return None
        return found[1] + bend_cost

    def _meetings(self, way: Sequence[Cell]) -> tuple[int, float] | None:
        """Shared edges, and the cost of meeting or passing close by others."""
        shared, cost = 0, 0.0
        at, on = self.at, self.on
        own = {edge(a, b) for a, b in pairwise(way)}
        met: dict[int, int] = {}
        before = False
        for place, cell in enumerate(way):
            lines = at.get(cell)
            if place and not self._may_ride(way[place - 1], cell, own):
                return None
            if lines is None:
                cost += 0.35 * self.near.get(cell, 0)
                before = False
                continue
            along = place > 0 and edge(way[place - 1], cell) in on
            if (before and not along) or not self._may_pass(way, place):
                return None
            shared += along
            cost += 1.5 * (self.near[cell] - _USUAL)
            if not along:
                for line in lines:
                    met[line] = met.get(line, 0) + 1
            before = True
        return shared, cost + 5.0 * sum(times - 1 for times in met.values())

    def _may_ride(self, a: Cell, b: Cell, own: set[Edge]) -> bool:
        lines = self.on.get(edge(a, b))
        if lines is not None:
            return len(lines) < self.most_shared
        if a[0] == b[0] or a[1] == b[1]:
            return True
        across = other_diagonal(a, b)
        return across not in self.on and across not in own

    def _may_pass(self, way: Sequence[Cell], place: int) -> bool:
        cell = way[place]
        if cell in self.ends or len(self.at[cell]) >= MOST_AT_CELL or self.near[cell] >= _FULL:
            return False
        spokes = set(self.spokes[cell])
        for other in (place - 1, place + 1):
            if 0 <= other < len(way):
                spokes.add(heading(cell, way[other]))
        return len(spokes) <= _SPOKES


def _bend_cost(way: Sequence[Cell]) -> float | None:
    """1 for an eighth of a turn, 6 for a quarter, more for bends close together; None beyond."""
    cost, since = 0.0, 9
    previous = heading(way[0], way[1])
    for a, b in pairwise(way[1:]):
        ahead = heading(a, b)
        since += 1
        if ahead != previous:
            angle = turn(previous, ahead)
            if angle > 2:
                return None
            cost += (1.0 if angle == 1 else 6.0) + (3.0 if since < 2 else 0.0)
            since = 0
        previous = ahead
    return cost
