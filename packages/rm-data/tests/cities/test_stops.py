from itertools import pairwise
from random import Random

import pytest

from rm_data.cities.grid import Cell, heading
from rm_data.cities.growth import Plan, grow
from rm_data.cities.stops import Stops, settled, stops
from rm_data.cities.tracks import Course, Tracks

ROW: list[Cell] = [(x, 3) for x in range(9)]
COLUMN: list[Cell] = [(4, y) for y in range(7)]


def crossing(*, fixed: bool = False) -> Tracks:
    tracks = Tracks(columns=9, rows=9)
    tracks.lay(Course([*ROW]))
    tracks.lay(Course([*COLUMN]))
    if fixed:
        tracks.fixed.add((4, 3))
    return tracks


def test_a_crossing_may_have_no_station_and_one_that_joins_a_line_must() -> None:
    bare = stops(Random(0), crossing(), spacing=2, bare=1)
    assert bare.crossings == {(4, 3)}
    assert (4, 3) not in bare.stations
    assert (4, 3) in stops(Random(0), crossing(), spacing=2, bare=0).stations
    assert (4, 3) in stops(Random(0), crossing(fixed=True), spacing=2, bare=1).stations


def test_ends_are_stations_and_spacing_says_how_many_lie_between() -> None:
    near = stops(Random(1), crossing(), spacing=1.0, bare=0)
    far = stops(Random(1), crossing(), spacing=4.0, bare=0)
    for found in (near, far):
        assert {(0, 3), (8, 3), (4, 0), (4, 6)} <= found.needed <= found.stations
    assert len(near.stations) > len(far.stations)


def test_two_tracks_between_the_same_stations_get_a_station_on_one_of_them() -> None:
    straight = [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0)]
    round_about = [(0, 0), (1, 1), (2, 1), (3, 1), (4, 0)]
    found = settled([Course(straight), Course(round_about)], {(0, 0), (4, 0)}, ())
    assert len(found.stations) == 3
    assert len(set(map(tuple, (line.paths[0] for line in found.lines)))) == 2


def tracked(found: Stops, a: Cell, b: Cell) -> list[Cell]:
    between = found.bends.get((a, b)) or tuple(reversed(found.bends.get((b, a), ())))
    return [a, *between, b]


@pytest.mark.parametrize("seed", range(10))
def test_tracks_follow_the_grown_lines_and_pass_through_no_other_station(seed: int) -> None:
    plan = Plan(lines=8, columns=20, rows=17, rings=1, corridors=0.4)
    tracks = next(t for i in range(50) if (t := grow(Random(f"{seed}:{i}"), plan)) is not None)
    found = stops(Random(seed), tracks, spacing=1.6, bare=0.5)
    for line, course in zip(found.lines, tracks.courses, strict=True):
        for number, path in enumerate(line.paths):
            way = course.ways[number]
            ridden = [*path, path[0]] if line.loop else list(path)
            cells = [ridden[0]]
            for a, b in pairwise(ridden):
                for start, end in pairwise(tracked(found, a, b)):
                    cells += walked(start, end)
                assert not found.stations & set(cells[cells.index(a) + 1 : -1]) - set(ridden)
            assert cells == way


def walked(start: Cell, end: Cell) -> list[Cell]:
    """The cells after `start` on a straight line to `end`."""
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
    step = ((end[0] - start[0]) // steps, (end[1] - start[1]) // steps)
    cells = [(start[0] + i * step[0], start[1] + i * step[1]) for i in range(steps + 1)]
    assert cells[-1] == end
    assert len({heading(a, b) for a, b in pairwise(cells)}) == 1
    return cells[1:]
