from collections.abc import Sequence

import pytest

from rm_data.cities.grid import Cell
from rm_data.cities.tracks import Course, Tracks

ACROSS = [(x, 3) for x in range(9)]


def crossed_by(way: Sequence[Cell], *, shared: int = 0, most_shared: int = 2) -> float | None:
    """The cost of a way beside a line along the row 3 and a diagonal from (0, 6) to (4, 10)."""
    tracks = Tracks(columns=12, rows=12, most_shared=most_shared)
    tracks.lay(Course([*ACROSS]))
    tracks.lay(Course([(x, 6 + x) for x in range(5)]))
    return tracks.cost(way, shared=shared)


@pytest.mark.parametrize(
    ("way", "shared"),
    [
        ([(4, y) for y in range(6)], 0),  # crosses at a cell
        ([(2, 1), (3, 2), (4, 3), (5, 4)], 0),
        ([(2, 1), (2, 2), (3, 3), (4, 3), (5, 3), (6, 4)], 2),  # along two edges
        ([(10, y) for y in range(6)], 0),  # meets nothing
    ],
)
def test_ways_that_keep_the_rules_may_be_laid(way: list[Cell], shared: int) -> None:
    assert crossed_by(way, shared=shared) is not None


@pytest.mark.parametrize(
    ("way", "shared", "why"),
    [
        ([(4, 1), (5, 1), (5, 2), (4, 2), (4, 1)], 0, "a cell twice"),
        ([(0, 2), (0, 3), (0, 4)], 0, "through a terminal"),
        ([(2, 1), (2, 2), (3, 3), (4, 3), (5, 4)], 0, "along an edge that was not asked for"),
        ([(4, 2), (4, 3), (4, 4)], 1, "no edge in common, though one was asked for"),
        ([(1, 8), (2, 7), (3, 6)], 0, "a crossing between the cells"),
        ([(4, 5), (5, 5), (4, 6), (3, 6)], 0, "a turn of more than a right angle"),
    ],
)
def test_ways_that_break_a_rule_may_not(way: list[Cell], shared: int, why: str) -> None:
    assert crossed_by(way, shared=shared) is None, why


def test_an_edge_has_room_for_so_many_lines_and_no_more() -> None:
    along = [(2, 2), (3, 3), (4, 3), (5, 4)]
    assert crossed_by(along, shared=1, most_shared=2) is not None
    assert crossed_by(along, shared=1, most_shared=1) is None


def test_a_way_is_dearer_beside_another_line_and_with_bends() -> None:
    far = crossed_by([(10, y) for y in range(6)])
    beside = crossed_by([(9, y) for y in range(6)])
    bent = crossed_by([(10, 0), (10, 1), (10, 2), (11, 3), (11, 4), (11, 5)])
    assert far is not None
    assert beside is not None
    assert bent is not None
    assert far < beside
    assert far < bent


def test_a_fork_is_a_station_and_its_end_a_terminal() -> None:
    tracks = Tracks(columns=12, rows=12)
    course = Course([*ACROSS])
    tracks.lay(course)
    tracks.fork(course, [(4, 3), (5, 4), (6, 5)])
    assert tracks.fixed == {(4, 3)}
    assert tracks.ends == {(0, 3), (8, 3), (6, 5)}
    assert course.ways == (ACROSS, [(4, 3), (5, 4), (6, 5)])
    assert tracks.at[5, 4] == [0]


def test_a_loop_ends_where_it_began() -> None:
    assert Course([(0, 0), (1, 0), (1, 1)], loop=True).ways == ([(0, 0), (1, 0), (1, 1), (0, 0)],)
