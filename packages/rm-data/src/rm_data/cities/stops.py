"""Where the lines of a grown city stop, and the tracks from stop to stop."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Final, TypeAlias

from rm_data.cities.grid import Cell, bends, edge, heading, turn
from rm_data.cities.tracks import Course, Tracks

_STEP: Final = (1.0, 1.15, 1.25, 1.15)
"""How far a step counts, by heading modulo 4: names need most room along a row."""

Run: TypeAlias = tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppingLine:
    """The stations of a line in riding order, by path, and whether it is a ring."""

    paths: tuple[Run, ...]
    loop: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stops:
    """Stations and tracks of a city.

    Attributes:
        lines: The lines, in the order of growth.
        bends: The cells where the track between two stations bends; straight tracks are left out.
        crossings: Cells where two lines cross without a station.
        needed: Stations that cannot be left out: ends, forks, and where lines meet.
    """

    lines: tuple[StoppingLine, ...]
    bends: dict[tuple[Cell, Cell], Run]
    crossings: frozenset[Cell]
    needed: frozenset[Cell]

    @property
    def stations(self) -> frozenset[Cell]:
        """All stations."""
        return frozenset(cell for line in self.lines for path in line.paths for cell in path)


def stops(rng: Random, tracks: Tracks, *, spacing: float, bare: float) -> Stops:
    """Stations at every end and fork and where lines join or part, and others in between.

    Args:
        rng: Draws which crossings have no station, and where the ordinary stations are.
        tracks: The lines.
        spacing: Cells between two ordinary stations, about.
        bare: Share of the crossings that get no station.
    """
    crossings = _crossings(tracks)
    bare_cells = {cell for cell in sorted(crossings) if rng.random() < bare}
    needed = {cell for cell, lines in tracks.at.items() if len(lines) > 1} - bare_cells
    needed |= tracks.ends | tracks.fixed
    chosen: dict[Cell, bool] = dict.fromkeys(bare_cells, False)
    chosen.update(dict.fromkeys(needed, True))
    for course in tracks.courses:
        for way in course.ways:
            _fill(rng, way, chosen, spacing)
    return settled(tracks.courses, {cell for cell, stop in chosen.items() if stop}, needed)


def _crossings(tracks: Tracks) -> set[Cell]:
    """Where two lines that share no track there go straight on, and no line has to be joined."""
    found: set[Cell] = set()
    for cell, lines in tracks.at.items():
        if len(lines) != 2 or cell in tracks.fixed or cell in tracks.ends:
            continue
        spokes = tracks.spokes[cell]
        if len(spokes) == 4 and all((spoke + 4) % 8 in spokes for spoke in spokes):
            found.add(cell)
    return {cell for cell in found if _straight(tracks, cell)}


def _straight(tracks: Tracks, cell: Cell) -> bool:
    """Whether both lines keep their heading at the cell."""
    for number in tracks.at[cell]:
        for way in tracks.courses[number].ways:
            if cell in way[1:-1]:
                place = way.index(cell, 1)
                before, after = heading(way[place - 1], cell), heading(cell, way[place + 1])
                if turn(before, after):
                    return False
    return True


def _fill(rng: Random, way: Sequence[Cell], chosen: dict[Cell, bool], spacing: float) -> None:
    """Decide for every undecided cell of a way whether it is a station."""
    since = 0.0
    wanted = spacing * rng.uniform(0.8, 1.2)
    ahead = _to_next(way, chosen)
    for place in range(1, len(way)):
        cell = way[place]
        since += _STEP[heading(way[place - 1], cell) % 4]
        if cell not in chosen:
            chosen[cell] = since >= wanted and ahead[place] >= 0.75 * spacing
        if chosen[cell]:
            since = 0.0
            wanted = spacing * rng.uniform(0.8, 1.2)


def _to_next(way: Sequence[Cell], chosen: dict[Cell, bool]) -> list[float]:
    """From each cell the way to the next one that is a station already."""
    ahead = [0.0] * len(way)
    for place in range(len(way) - 2, -1, -1):
        step = _STEP[heading(way[place], way[place + 1]) % 4]
        ahead[place] = step + (0.0 if chosen.get(way[place + 1]) else ahead[place + 1])
    return ahead


def settled(courses: Sequence[Course], stations: set[Cell], needed: Collection[Cell]) -> Stops:
    """The stations with their tracks; of two tracks between the same stations one gets a stop.

    All lines between two neighbours share the track (`rm_data.layout.Layout`), so two ways of
    different lines between the same stations need another station on one of them.
    """
    while True:
        tracks: dict[tuple[Cell, Cell], list[Cell]] = {}
        extra: set[Cell] = set()
        for course in courses:
            for way in course.ways:
                for run in _runs(way, stations):
                    key = edge(run[0], run[-1])
                    other = tracks.setdefault(key, run)
                    if other != run and other != run[::-1]:
                        longer = max(run, other, key=len)
                        extra.add(longer[len(longer) // 2])
        if not extra:
            break
        stations = stations | extra
    return Stops(
        lines=tuple(_line(course, stations) for course in courses),
        bends={key: tuple(bends(run)) for key, run in _forward(tracks) if any(bends(run))},
        crossings=frozenset(_unstopped(courses, stations)),
        needed=frozenset(needed),
    )


def _forward(
    tracks: dict[tuple[Cell, Cell], list[Cell]],
) -> list[tuple[tuple[Cell, Cell], list[Cell]]]:
    return [(key, run if run[0] == key[0] else run[::-1]) for key, run in tracks.items()]


def _runs(way: Sequence[Cell], stations: Collection[Cell]) -> list[list[Cell]]:
    """The way cut at its stations; the cut cells stand in both pieces."""
    cuts = [place for place, cell in enumerate(way) if cell in stations]
    return [list(way[a : b + 1]) for a, b in pairwise(cuts)]


def _line(course: Course, stations: Collection[Cell]) -> StoppingLine:
    trunk = tuple(cell for cell in course.trunk if cell in stations)
    branch = tuple(cell for cell in course.branch if cell in stations)
    return StoppingLine(paths=(trunk, branch) if branch else (trunk,), loop=course.loop)


def _unstopped(courses: Sequence[Course], stations: Collection[Cell]) -> set[Cell]:
    seen: dict[Cell, int] = {}
    for number, course in enumerate(courses):
        for way in course.ways:
            for cell in way:
                seen.setdefault(cell, number)
    return {
        cell
        for number, course in enumerate(courses)
        for way in course.ways
        for cell in way
        if seen[cell] != number and cell not in stations
    }
