from __future__ import annotations

from math import hypot

import pytest

from rm_data.layout import Layout
from rm_data.picture import Look, scene, scenery_for
from rm_data.picture.look import Interchange
from rm_data.picture.markers import TICK_LENGTH, markers
from rm_data.picture.shapes import Area, Stroke
from rm_data.picture.tracks import Drawn, draw_lines
from rm_rewards import Network

Drawing = tuple[Network, Layout]


def drawn(city: Drawing) -> Drawn:
    return draw_lines(*city, pitch=0.6, bend=0.3)


@pytest.mark.parametrize(("marker", "radius"), [("circle", 0.4), ("dot", 0.4), ("square", 0.356)])
def test_a_station_of_one_line_is_marked_where_its_line_passes(
    city: Drawing, marker: str, radius: float
) -> None:
    look = Look(marker=marker, marker_size=0.4)  # pyright: ignore[reportArgumentType]
    found = {one.stop: one for one in markers(city[0], drawn(city).slots, look)}
    assert list(found) == list(city[0].names)
    assert found["a"].a == found["a"].b == (0.0, 0.0)
    assert found["a"].radius == pytest.approx(radius)
    assert found["a"].square == (marker == "square")
    assert not found["a"].shared


def test_a_tick_reaches_over_the_edge_of_its_line_on_both_sides(city: Drawing) -> None:
    look = Look(marker="tick", line_width=0.5)
    found = {one.stop: one for one in markers(city[0], drawn(city).slots, look)}
    tick = found["a"]
    assert tick.terminal
    assert not found["f"].terminal
    assert tick.centre == (0.0, 0.0)
    assert (
        abs(tick.a[1])
        == abs(tick.b[1])
        == pytest.approx(0.25 + TICK_LENGTH - tick.radius, abs=1e-9)
    )
    assert (tick.a[0], tick.b[0]) == (0.0, 0.0)
    assert tick.a[1] == -tick.b[1]


@pytest.mark.parametrize("interchange", ["capsule", "circle", "square"])
def test_an_interchange_reaches_over_all_its_lines(city: Drawing, interchange: Interchange) -> None:
    lines = drawn(city)
    look = Look(interchange=interchange)
    found = {one.stop: one for one in markers(city[0], lines.slots, look)}
    marker = found["c"]
    assert marker.shared
    assert marker.square == (interchange == "square")
    assert (marker.a == marker.b) == (interchange != "capsule")
    for slot in lines.slots["c"]:
        along = min(max(slot.place[1], marker.a[1]), marker.b[1])  # the core stands upright
        near = hypot(slot.place[0] - marker.a[0], slot.place[1] - along)
        assert near <= marker.radius - look.line_width / 2 + 1e-9
    assert marker.a[0] == marker.b[0]
    assert marker.a[1] <= marker.b[1]
    assert marker.centre == pytest.approx((5.0, 0.0), abs=0.2)


def test_a_tick_is_drawn_towards_the_name_and_across_an_end(city: Drawing) -> None:
    network, layout = city
    made = scene(network, Look(text=0.3, marker="tick"), layout=layout)
    for group in made.groups:
        if group.kind != "station" or len(network.lines_at[group.key]) > 1:
            continue
        (tick,) = group.shapes
        assert isinstance(tick, Stroke)
        (ax, ay), (bx, by) = tick.points
        x, y = made.truth.stations[group.key].centre
        left, top, right, bottom = made.truth.labels[group.key].bounds
        towards = (bx - ax) * ((left + right) / 2 - x) + (by - ay) * ((top + bottom) / 2 - y)
        if group.key in "aegi":
            assert ((ax + bx) / 2, (ay + by) / 2) == pytest.approx((x, y), abs=0.02)
        else:
            assert (ax, ay) == pytest.approx((x, y), abs=0.02)
            assert towards >= 0


def test_scenery_lies_under_everything_in_the_colours_of_its_kind(city: Drawing) -> None:
    network, layout = city
    look = Look(text=0.3, water="#0000aa", park="#00aa00", zone="#aaaaaa")
    patches = scenery_for(layout, 3)
    made = scene(network, look, layout=layout, scenery=patches)
    first = made.groups[0]
    assert first.kind == "scenery"
    colours = [shape.colour for shape in first.shapes if isinstance(shape, Area | Stroke)]
    parks = sum(patch.kind == "park" for patch in patches)
    zones = ["#aaaaaa", look.background, "#aaaaaa"]
    assert colours == [*zones, *["#00aa00"] * parks, "#0000aa"]
    assert isinstance(first.shapes[-1], Stroke)
    assert scene(network, look, layout=layout).groups[0].kind == "line"
