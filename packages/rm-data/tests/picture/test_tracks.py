from __future__ import annotations

from itertools import pairwise
from math import hypot

import pytest

from rm_data.layout import Layout
from rm_data.picture.corridors import corridors, direction, hops
from rm_data.picture.tracks import draw_lines
from rm_rewards import Line, Network, Station

Drawing = tuple[Network, Layout]
PITCH = 0.2


def network_of(*lines: Line) -> Network:
    stops = dict.fromkeys(stop for line in lines for path in line.paths for stop in path)
    return Network(
        city="x", lines=lines, stations=tuple(Station(id=stop, name=stop) for stop in stops)
    )


def straight(stops: str, *, y: float = 0.0) -> dict[str, tuple[float, float]]:
    return {stop: (2.0 * place, y) for place, stop in enumerate(stops)}


def test_lines_on_the_same_track_are_one_pitch_apart(city: Drawing) -> None:
    drawn = draw_lines(*city, pitch=PITCH, bend=0.3)
    one, two = (
        next(slot for slot in drawn.slots["c"] if slot.line == name).place
        for name in ("Line 1", "Line 2")
    )
    assert hypot(one[0] - two[0], one[1] - two[1]) == pytest.approx(PITCH)
    assert (one[1] + two[1]) / 2 == pytest.approx(0.0)


def test_two_lines_keep_their_sides_along_all_the_tracks_they_share(city: Drawing) -> None:
    network, layout = city
    places = corridors(network, layout)
    rides = [places.offset("Line 1", a, b) for a, b in pairwise("bcd")]
    others = [places.offset("Line 2", a, b) for a, b in pairwise("bcd")]
    assert rides in ([-0.5, -0.5], [0.5, 0.5])
    assert others == [-place for place in rides]


def test_the_sides_hold_when_one_line_lists_its_stations_the_other_way() -> None:
    network = network_of(
        Line(name="1", paths=(tuple("abcde"),)), Line(name="2", paths=(tuple("edcba"),))
    )
    layout = Layout(positions=straight("abcde"))
    places = corridors(network, layout)
    assert len({places.offset("1", a, b) for a, b in pairwise("abcde")}) == 1
    assert len({places.offset("2", a, b) for a, b in pairwise("abcde")}) == 1


def test_a_line_changes_its_place_at_the_station_and_nowhere_else(city: Drawing) -> None:
    drawn = draw_lines(*city, pitch=PITCH, bend=0.3)
    (line,) = drawn.polylines["Line 1"]
    assert height_at(line, 1.5) == 0.0  # between a and b it is alone
    assert abs(height_at(line, 3.5)) == pytest.approx(PITCH / 2)
    assert abs(height_at(line, 4.5)) == pytest.approx(PITCH / 2)
    assert abs(height_at(line, 7.5)) == pytest.approx(PITCH / 2)


def height_at(line: tuple[tuple[float, float], ...], x: float) -> float:
    (a, b), *_ = [(a, b) for a, b in pairwise(line) if a[0] <= x <= b[0]]
    return a[1] + (b[1] - a[1]) * (x - a[0]) / (b[0] - a[0])


def test_lines_stay_one_pitch_apart_round_a_corner() -> None:
    lines = [Line(name=name, paths=(("a", "b", "c"),)) for name in "12"]
    layout = Layout(positions={"a": (0.0, 0.0), "b": (6.0, 0.0), "c": (6.0, 5.0)})
    drawn = draw_lines(network_of(*lines), layout, pitch=PITCH, bend=0.1)
    outer, inner = sorted(slot.place for slot in drawn.slots["b"])[::-1]
    half = PITCH / 2
    assert outer == pytest.approx((6 + half, -half))
    assert inner == pytest.approx((6 - half, half))
    for (line,) in drawn.polylines.values():
        assert abs(line[0][1]) == pytest.approx(half)
        assert line[-1][0] - 6 == pytest.approx(-line[0][1])


def test_a_line_in_a_station_points_between_its_two_tracks() -> None:
    layout = Layout(positions={"a": (0.0, 0.0), "b": (6.0, 0.0), "c": (6.0, 5.0)})
    network = network_of(Line(name="1", paths=(("a", "b", "c"),)))
    drawn = draw_lines(network, layout, pitch=PITCH, bend=0.1)
    (start,), (corner,), (end,) = (drawn.slots[stop] for stop in "abc")
    assert start.along == (1.0, 0.0)
    assert corner.along == pytest.approx((0.5**0.5, 0.5**0.5))
    assert end.along == (0.0, 1.0)


def test_a_curve_takes_less_than_half_of_a_short_track() -> None:
    places = {"a": (10.0, 20.0), "b": (16.0, 20.0), "c": (16.0, 20.4), "d": (22.0, 20.4)}
    network = network_of(Line(name="1", paths=(tuple("abcd"),)))
    drawn = draw_lines(network, Layout(positions=places), pitch=PITCH, bend=3.0)
    (line,) = drawn.polylines["1"]
    assert max(x for x, _ in line if x < 16) >= 15.8
    assert [x for x, y in line if 20.17 < y < 20.23] == pytest.approx([16.0, 16.0], abs=0.01)
    assert min(y for _, y in line) == 20.0


def test_directions_have_length_one_and_point_from_the_first_to_the_second() -> None:
    assert direction((1.0, 1.0), (1.0, 4.0)) == (0.0, 1.0)
    assert direction((2.0, 3.0), (-1.0, 7.0)) == pytest.approx((-0.6, 0.8))
    assert direction((2.0, 2.0), (2.0, 2.0)) == (1.0, 0.0)


@pytest.mark.parametrize("turn", [2.0, -2.0])
def test_the_line_that_turns_off_runs_on_the_side_it_turns_to(turn: float) -> None:
    network = network_of(
        Line(name="on", paths=(tuple("abcd"),)), Line(name="off", paths=(tuple("abce"),))
    )
    layout = Layout(positions={**straight("abcd"), "e": (6.0, turn)})
    places = corridors(network, layout)
    assert places.offset("off", "a", "b") * turn > 0  # y runs down, right of eastward is down
    drawn = draw_lines(network, layout, pitch=PITCH, bend=0.3)
    assert crossings(drawn.polylines["on"][0], drawn.polylines["off"][0]) == 0


def crossings(one: tuple[tuple[float, float], ...], two: tuple[tuple[float, float], ...]) -> int:
    return sum(
        side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
        for a, b in pairwise(one)
        for c, d in pairwise(two)
    )


def side(a: tuple[float, float], b: tuple[float, float], p: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def test_three_lines_on_a_track_stand_in_the_order_in_which_they_part() -> None:
    lines = [Line(name=end, paths=(("a", "b", "c", end),)) for end in "xyz"]
    layout = Layout(
        positions={**straight("abc"), "x": (6.0, 2.0), "y": (6.0, 0.0), "z": (6.0, -2.0)}
    )
    places = corridors(network_of(*lines), layout)
    assert [places.offset(end, "b", "c") for end in "zyx"] == [-1.0, 0.0, 1.0]


def test_a_branch_does_not_make_the_lines_of_a_corridor_change_sides() -> None:
    network = network_of(
        Line(name="1", paths=(tuple("abcd"), ("b", "x"))), Line(name="2", paths=(tuple("abcd"),))
    )
    layout = Layout(positions={**straight("abcd"), "x": (2.0, -2.0)})
    places = corridors(network, layout)
    assert len({places.offset("1", a, b) for a, b in pairwise("abcd")}) == 1


def test_a_ring_ends_where_it_began_and_others_do_not(city: Drawing) -> None:
    drawn = draw_lines(*city, pitch=PITCH, bend=0.3)
    (ring,) = drawn.polylines["Ring"]
    assert ring[0] == ring[-1]
    (line,) = drawn.polylines["Line 1"]
    assert line[0] != line[-1]


def test_a_bend_between_stations_is_rounded_and_stays_near_its_corner(city: Drawing) -> None:
    drawn = draw_lines(*city, pitch=PITCH, bend=0.3)
    (line,) = drawn.polylines["Line 2"]
    corner = (8.0, 3.0)
    away = min(hypot(x - corner[0], y - corner[1]) for x, y in line)
    assert 0.05 < away < 0.3
    assert sum(hypot(x - corner[0], y - corner[1]) < 0.5 for x, y in line) >= 4


def test_hops_close_a_ring_and_leave_out_a_station_that_follows_itself() -> None:
    assert list(hops(Line(name="1", paths=(("a", "a", "b", "c"),), loop=True))) == [
        ("a", "b"),
        ("b", "c"),
        ("c", "a"),
    ]


def test_a_station_without_tracks_keeps_its_place() -> None:
    network = network_of(Line(name="1", paths=(("a",),)))
    drawn = draw_lines(network, Layout(positions={"a": (3.0, 4.0)}), pitch=PITCH, bend=0.3)
    assert drawn.polylines["1"] == ()
    assert [slot.place for slot in drawn.slots["a"]] == [(3.0, 4.0)]
