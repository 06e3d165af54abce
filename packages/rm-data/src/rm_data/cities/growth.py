"""How the lines of a synthetic city grow: each one joins those before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from rm_data.cities.grid import Cell, distance, edge, heading, leg, octagon, turn
from rm_data.cities.tracks import Course, Tracks

_GOOD: Final = 6
"""A line is the cheapest of this many that fit."""
_TRIES: Final = 30
_MORE_TRIES: Final = 150
"""A line that finds no room grows shorter."""
_RING_TRIES: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What kind of network a city shall have.

    Attributes:
        lines: Number of lines.
        columns: Cells of a row of the grid.
        rows: Cells of a column.
        rings: Lines that are rings.
        corridors: Share of the lines that run along another line for some stations.
        branches: Share of the lines that have a branch.
        bare: Share of the crossings that have no station.
        spacing: Cells from one station to the next, about.
        most_shared: Lines that may share a track.
    """

    lines: int
    columns: int
    rows: int
    rings: int = 0
    corridors: float = 0.25
    branches: float = 0.2
    bare: float = 0.25
    spacing: float = 1.8
    most_shared: int = 2


def grow(rng: Random, plan: Plan) -> Tracks | None:
    """The tracks of a connected network, or None where a line found no room."""
    tracks = Tracks(columns=plan.columns, rows=plan.rows, most_shared=plan.most_shared)
    through = plan.lines - plan.rings
    before_rings = min(through, 3)
    for number in range(plan.lines):
        ring = before_rings <= number < before_rings + plan.rings
        course = _ring(rng, tracks) if ring else _line(rng, plan, tracks)
        if course is None:
            return None
        tracks.lay(course)
    for course in tracks.courses:
        if not course.loop and rng.random() < plan.branches:
            _fork(rng, tracks, course)
    return tracks


def _line(rng: Random, plan: Plan, tracks: Tracks) -> Course | None:
    """The cheapest of some lines through a cell, or along a stretch, of the network."""
    if not tracks.courses:
        return _first(rng, tracks)
    along = rng.random() < plan.corridors
    free = _free(tracks)
    found = _cheapest(rng, tracks, free, along=along) if free else None
    if found is None and along and free:
        found = _cheapest(rng, tracks, free, along=False)
    if found is None:
        return None
    core, way = found
    tracks.fixed.update((core[0], core[-1]))
    return Course(way)


def _first(rng: Random, tracks: Tracks) -> Course:
    """A line from one side to the other, through the middle."""
    middle = (
        tracks.columns // 2 + rng.randint(-1, 1),
        tracks.rows // 2 + rng.randint(-1, 1),
    )
    free = _free(tracks)
    while True:
        way = _through(rng, [middle], free, tracks)
        long_enough = way is not None and len(way) > max(tracks.columns, tracks.rows) // 2
        if way is not None and long_enough and tracks.cost(way, shared=0) is not None:
            return Course(way)


def _free(tracks: Tracks) -> list[Cell]:
    """Cells where a terminal has room."""
    near = tracks.near
    return [(x, y) for x in range(tracks.columns) for y in range(tracks.rows) if (x, y) not in near]


def _cheapest(
    rng: Random, tracks: Tracks, free: list[Cell], *, along: bool
) -> tuple[list[Cell], list[Cell]] | None:
    """Where a line joins the network, and the whole line."""
    best: tuple[float, list[Cell], list[Cell]] | None = None
    good = 0
    for number in range(_TRIES + _MORE_TRIES):
        if good and number >= _TRIES:
            break
        core = _stretch(rng, tracks) if along else [_anchor(rng, tracks)]
        way = _through(rng, core, free, tracks, near=number >= _TRIES)
        if way is None:
            continue
        cost = tracks.cost(way, shared=len(core) - 1)
        if cost is None:
            continue
        cost -= _news(tracks, way)
        if best is None or cost < best[0]:
            best = cost, core, way
        good += 1
        if good == _GOOD:
            break
    return best and (best[1], best[2])


def _anchor(rng: Random, tracks: Tracks) -> Cell:
    """A cell of some line, rather near the middle of the line than at its ends."""
    trunk = rng.choice(tracks.courses).trunk
    return trunk[(rng.randrange(len(trunk)) + rng.randrange(len(trunk))) // 2]


def _stretch(rng: Random, tracks: Tracks) -> list[Cell]:
    """Some cells in a row of some line, in either direction."""
    trunk = rng.choice(tracks.courses).trunk
    count = min(rng.randint(4, 8), len(trunk))
    start = rng.randint(0, len(trunk) - count)
    cells = trunk[start : start + count]
    return cells if rng.random() < 0.5 else cells[::-1]


def _through(
    rng: Random, core: list[Cell], free: list[Cell], tracks: Tracks, *, near: bool = False
) -> list[Cell] | None:
    """From a free cell along the core to another one on its other side."""
    start, end = _opposite(rng, free, core[0], core[-1], near=near)
    if start in core or end in core:
        return None
    before, after = _leg(rng, core[0], start), _leg(rng, core[-1], end)
    if edge(*before[:2]) in tracks.on or edge(*after[:2]) in tracks.on:
        return None
    return [*before[::-1], *core[1:], *after[1:]]


def _opposite(
    rng: Random, free: list[Cell], first: Cell, last: Cell, *, near: bool
) -> tuple[Cell, Cell]:
    """Two free cells; the second lies on the other side of `first` to `last`, if one is found."""
    start = _drawn(rng, free, first, near=near)
    dx, dy = start[0] - first[0], start[1] - first[1]
    end = start
    for _ in range(6):
        end = _drawn(rng, free, last, near=near) if near else rng.choice(free)
        if (end[0] - last[0]) * dx + (end[1] - last[1]) * dy < 0:
            break
    return start, end


def _drawn(rng: Random, free: list[Cell], cell: Cell, *, near: bool) -> Cell:
    """A free cell, rather near the cell or rather far from it."""
    if near:
        return min((rng.choice(free) for _ in range(4)), key=lambda other: distance(other, cell))
    return max((rng.choice(free) for _ in range(2)), key=lambda other: distance(other, cell))


def _leg(rng: Random, start: Cell, end: Cell) -> list[Cell]:
    return leg(start, end, straight_first=rng.random() < 0.5, share=rng.choice((0.0, 0.5, 1.0)))


def _news(tracks: Tracks, way: list[Cell]) -> float:
    """What a line is worth for the parts of the map that had none."""
    return 0.5 * sum(cell not in tracks.near for cell in way)


def _ring(rng: Random, tracks: Tracks) -> Course | None:
    """A ring that crosses a line; its first cell is such a crossing."""
    best: tuple[float, Course] | None = None
    for _ in range(_RING_TRIES):
        cells = _octagon(rng, tracks)
        crossed = [place for place, cell in enumerate(cells) if cell in tracks.at]
        if len(crossed) < 2:
            continue
        start = rng.choice(crossed)
        cells = cells[start:] + cells[:start]
        cost = _ring_cost(tracks, cells)
        if cost is not None and (best is None or cost < best[0]):
            best = cost, Course(cells, loop=True)
    if best is None:
        return None
    tracks.fixed.add(best[1].trunk[0])
    return best[1]


def _octagon(rng: Random, tracks: Tracks) -> list[Cell]:
    columns, rows = tracks.columns, tracks.rows
    half_width = max(2, round(columns * rng.uniform(0.2, 0.36)))
    half_height = max(2, round(rows * rng.uniform(0.2, 0.36)))
    corner = rng.randint(1, max(1, min(half_width, half_height) - 1))
    x = columns // 2 + rng.randint(-1, 1)
    y = rows // 2 + rng.randint(-1, 1)
    x = min(max(x, half_width), columns - 1 - half_width)
    y = min(max(y, half_height), rows - 1 - half_height)
    return octagon((x, y), half_width, half_height, corner)


def _ring_cost(tracks: Tracks, cells: list[Cell]) -> float | None:
    """The cost of a ring, judged as two arcs that overlap by an edge."""
    half = len(cells) // 2
    arcs = (cells[: half + 1], [*cells[half - 1 :], cells[0], cells[1]])
    costs = [tracks.cost(arc, shared=0) for arc in arcs]
    return None if None in costs else sum(cost for cost in costs if cost is not None)


def _fork(rng: Random, tracks: Tracks, course: Course) -> None:
    """Give a line a branch, if there is room for one."""
    trunk = set(course.trunk)
    free = _free(tracks)
    best: tuple[float, list[Cell]] | None = None
    for _ in range(_TRIES // 2 if free else 0):
        place = rng.randrange(len(course.trunk))
        if not 2 <= place < len(course.trunk) - 2:
            continue
        branch = _leg(rng, course.trunk[place], _drawn(rng, free, course.trunk[place], near=True))
        if len(branch) < 4 or not trunk.isdisjoint(branch[1:]):
            continue
        if not _smooth(course.trunk, place, branch):
            continue
        cost = tracks.cost(branch, shared=0)
        if cost is not None and (best is None or cost < best[0]):
            best = cost, branch
    if best is not None:
        tracks.fork(course, best[1])


def _smooth(trunk: list[Cell], place: int, branch: list[Cell]) -> bool:
    """Whether a train can go on from the trunk into the branch without a sharp turn."""
    out = heading(branch[0], branch[1])
    arriving: Iterator[int] = (
        heading(trunk[other], trunk[place]) for other in (place - 1, place + 1)
    )
    return any(turn(before, out) <= 1 for before in arriving)
