from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_data.cities.grid import HEADINGS, bends, edge, heading, leg, octagon, other_diagonal, turn

CELL = st.tuples(st.integers(-20, 20), st.integers(-20, 20))


@given(CELL, CELL, st.booleans(), st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_a_leg_goes_step_by_step_the_shortest_way_with_two_gentle_bends_at_the_most(
    start: tuple[int, int], end: tuple[int, int], straight: bool, share: float
) -> None:
    way = leg(start, end, straight_first=straight, share=share)
    assert way[0] == start
    assert way[-1] == end
    assert len(way) == 1 + max(abs(end[0] - start[0]), abs(end[1] - start[1]))
    headings = [heading(a, b) for a, b in pairwise(way)]
    turns = [turn(a, b) for a, b in pairwise(headings)]
    assert sum(map(bool, turns)) <= 2
    assert all(eighths <= 1 for eighths in turns)


def test_turns_are_counted_the_short_way_round() -> None:
    assert [turn(0, other) for other in range(8)] == [0, 1, 2, 3, 4, 3, 2, 1]
    assert turn(7, 0) == 1


def test_an_edge_is_the_same_in_both_directions() -> None:
    assert edge((1, 0), (0, 1)) == edge((0, 1), (1, 0))
    assert other_diagonal((0, 0), (1, 1)) == edge((1, 0), (0, 1))


def test_the_headings_go_round_by_eighths() -> None:
    assert [heading((5, 5), (5 + dx, 5 + dy)) for dx, dy in HEADINGS] == list(range(8))


@pytest.mark.parametrize("corner", [1, 2, 3])
def test_an_octagon_is_closed_and_turns_eight_times(corner: int) -> None:
    ring = octagon((10, 10), 6, 5, corner)
    assert len(set(ring)) == len(ring)
    closed = [*ring, ring[0], ring[1]]
    headings = [heading(a, b) for a, b in pairwise(closed)]
    assert sum(turn(a, b) for a, b in pairwise(headings)) == 8
    assert len(list(bends(closed))) == 8
