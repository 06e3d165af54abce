from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations, pairwise, product
from math import hypot, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rm_data.layout import Layout
from rm_data.picture import Conflict, Look, Scene, conflicts, scene
from rm_data.picture.shapes import Box, Pill, Stroke
from rm_rewards import Line, Network, Station

Drawing = tuple[Network, Layout]
Point = tuple[float, float]


def small(
    lines: Mapping[str, str], places: Mapping[str, tuple[float, float]], *, loop: bool = False
) -> Drawing:
    network = Network(
        city="small",
        lines=tuple(
            Line(name=name, paths=(tuple(path),), loop=loop) for name, path in lines.items()
        ),
        stations=tuple(Station(id=stop, name=f"Station {stop}") for stop in places),
    )
    return network, Layout(positions=places)


def kinds(made: Scene) -> set[str]:
    return {found.kind for found in made.conflicts}


def test_a_roomy_map_has_no_conflicts(city: Drawing) -> None:
    network, layout = city
    assert scene(network, Look(text=0.3), layout=layout).conflicts == ()


def test_two_stations_in_one_place_are_told() -> None:
    network, layout = small(
        {"1": "ab", "2": "cd"}, {"a": (0, 0), "b": (4, 0), "c": (0, 0), "d": (0, 4)}
    )
    found = scene(network, layout=layout).conflicts
    assert Conflict(kind="marker-marker", who="a", other="c") in found


def test_a_line_that_runs_under_a_foreign_marker_is_told() -> None:
    network, layout = small(
        {"1": "abc", "2": "xy"}, {"a": (0, 0), "b": (3, 0), "c": (6, 0), "x": (3, 3), "y": (3, -3)}
    )
    found = scene(network, layout=layout).conflicts
    assert Conflict(kind="marker-line", who="b", other="2") in found
    assert not any(one.kind == "marker-line" and one.other == "1" for one in found)


def test_names_without_room_are_told_by_whose_they_are() -> None:
    places = {stop: (0.3 * place, 0.0) for place, stop in enumerate("abcdefgh")}
    network, layout = small({"1": "abcdefgh"}, places)
    made = scene(network, Look(text=0.3, rows=1, angled=False), layout=layout)
    assert {"label-label", "label-nearest"} & kinds(made)
    assert {one.who for one in made.conflicts if one.kind == "label-label"} <= set(places)


@pytest.mark.parametrize(
    ("moved", "kind"),
    [
        ((0.0, 0.0), "label-line"),
        ((0.0, 0.0), "label-marker"),
        ((-900.0, 0.0), "label-edge"),
    ],
)
def test_a_name_moved_to_a_bad_place_is_told(
    city: Drawing, moved: tuple[float, float], kind: str
) -> None:
    made = scene(city[0], Look(text=0.3), layout=city[1])
    x, y = made.truth.stations["c"].centre
    assert kind in {
        one.kind for one in conflicts(relocated(made, "c", (x + moved[0], y + moved[1])))
    }


def test_a_name_moved_to_another_station_is_told_as_nearest_to_it(city: Drawing) -> None:
    made = scene(city[0], Look(text=0.3), layout=city[1])
    left, top, right, bottom = made.truth.stations["e"].bounds
    spot = (right + 60.0, top - 40.0)
    found = conflicts(relocated(made, "a", spot))
    assert Conflict(kind="label-nearest", who="a", other="e") in found
    assert bottom > top
    assert left < right


@pytest.mark.parametrize(("closer", "told"), [(0.05, True), (0.15, False)])
def test_a_name_must_be_nearer_to_its_own_marker_by_a_tenth_of_its_height(
    closer: float, told: bool
) -> None:
    network, layout = small({"1": "ab"}, {"a": (0, 0), "b": (8, 0)})
    made = scene(network, Look(rows=1), layout=layout)
    (ax, y), (bx, _) = (made.truth.stations[stop].centre for stop in "ab")
    size = made.truth.labels["a"].text_px
    spot = ((ax + bx) / 2 - closer / 2 * size, y - 2 * size)  # level, so both distances differ by x
    left, _, right, _ = made.truth.labels["a"].bounds
    reach = (right - left) / 2
    assert bx - spot[0] - reach > 0
    found = conflicts(relocated(made, "a", spot))
    steep = (spot[0] - reach - ax) / (((spot[0] - reach - ax) ** 2 + (1.5 * size) ** 2) ** 0.5)
    assert 0.8 < steep <= 1
    assert (Conflict(kind="label-nearest", who="a", other="b") in found) == told


def test_a_name_moved_onto_another_and_onto_a_badge_is_told(city: Drawing) -> None:
    made = scene(city[0], Look(text=0.3), layout=city[1])
    left, top, right, bottom = made.truth.labels["f"].bounds
    found = conflicts(relocated(made, "h", ((left + right) / 2, (top + bottom) / 2)))
    assert Conflict(kind="label-label", who="f", other="h") in found
    (stop, (left, top, right, bottom)), *_ = made.truth.lines["Line 1"].badges
    found = conflicts(relocated(made, "h", ((left + right) / 2, (top + bottom) / 2)))
    assert Conflict(kind="label-badge", who="h", other="Line 1") in found
    assert stop == "a"


def test_a_badge_moved_onto_lines_and_strangers_is_told(city: Drawing) -> None:
    made = scene(city[0], Look(text=0.3), layout=city[1])
    line = made.truth.lines["Line 1"]
    x, y = made.truth.stations["c"].centre
    moved = replace(line, badges=(("a", (x - 9, y - 9, x + 9, y + 9)),))
    spoilt = replace(made, truth=replace(made.truth, lines={**made.truth.lines, "Line 1": moved}))
    found = {one.kind for one in conflicts(spoilt)}
    assert {"badge-line", "badge-marker", "badge-nearest"} <= found


def test_a_badge_moved_onto_another_or_off_the_sheet_is_told(city: Drawing) -> None:
    made = scene(city[0], Look(text=0.3), layout=city[1])
    line, other = made.truth.lines["Line 1"], made.truth.lines["Ring"]
    (stop, _), *rest = line.badges
    for box, told in (
        (other.badges[0][1], Conflict(kind="badge-badge", who="Line 1", other="Ring")),
        ((-5.0, 50.0, 20.0, 70.0), Conflict(kind="badge-edge", who="Line 1", other="")),
    ):
        moved = replace(line, badges=((stop, box), *rest))
        lines = {**made.truth.lines, "Line 1": moved}
        assert told in conflicts(replace(made, truth=replace(made.truth, lines=lines)))


def relocated(made: Scene, stop: str, middle: tuple[float, float]) -> Scene:
    """With the box of one name somewhere else."""
    label = made.truth.labels[stop]
    left, top, right, bottom = label.bounds
    dx, dy = middle[0] - (left + right) / 2, middle[1] - (top + bottom) / 2
    moved = replace(label, corners=tuple((x + dx, y + dy) for x, y in label.corners))
    return replace(made, truth=replace(made.truth, labels={**made.truth.labels, stop: moved}))


looks = st.sampled_from(
    [
        Look(),
        Look(text=0.5, marker="square", interchange="square"),
        Look(marker="tick", interchange="circle", case="upper", badges="full"),
        Look(text=0.25, marker="dot", legend="corner", rows=1, badges="none"),
    ]
)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), look=looks)
def test_the_check_finds_what_a_slow_one_finds(
    random_drawings: SearchStrategy[Drawing], data: st.DataObject, look: Look
) -> None:
    network, layout = data.draw(random_drawings)
    made = scene(network, look, layout=layout)
    assert made.conflicts == conflicts(made)
    found = {(one.kind, one.who, one.other) for one in made.conflicts}
    surely, perhaps = slow_check(made)
    assert surely <= found, surely - found
    assert found <= perhaps, found - perhaps


Found = tuple[str, str, str]


def slow_check(made: Scene) -> tuple[set[Found], set[Found]]:
    """Conflicts that are sure, and those that may be: rounding, and the shape of line ends."""
    depths = [*among_boxes(made), *at_lines(made), *at_markers(made), *off_sheet(made)]
    depths += [*among_markers(made), *lines_at_markers(made)]
    surely = {found for found, depth, _ in depths if depth > 0.05}
    return surely, {found for found, depth, doubt in depths if depth > -doubt}


Depth = tuple[Found, float, float]
"""A conflict, how deep in pixels, and what depth may be missing for it to count all the same."""


@dataclass(frozen=True)
class Writing:
    kind: str
    who: str
    own: str
    corners: tuple[Point, ...]


def writings(made: Scene) -> list[Writing]:
    names = [Writing("label", stop, stop, box.corners) for stop, box in made.truth.labels.items()]
    badges = [
        Writing("badge", name, stop, ((a, b), (c, b), (c, d), (a, d)))
        for name, line in made.truth.lines.items()
        for stop, (a, b, c, d) in line.badges
    ]
    return names + badges


def among_boxes(made: Scene) -> Iterator[Depth]:
    for one, two in combinations(writings(made), 2):
        found = (f"{one.kind}-{two.kind}", one.who, two.who)
        yield found, polygon_depth(one.corners, two.corners), 0.05


def at_lines(made: Scene) -> Iterator[Depth]:
    for one, (name, line) in product(writings(made), made.truth.lines.items()):
        half = line.width / 2
        for a, b in (ends for path in line.polylines for ends in pairwise(path)):
            reach = half - polygon_to_segment(one.corners, a, b)
            yield (f"{one.kind}-line", one.who, name), reach, half


def at_markers(made: Scene) -> Iterator[Depth]:
    shapes = station_shapes(made)
    clearly = 0.1 * next(label.text_px for label in made.truth.labels.values())
    for one in writings(made):
        to_own = -round_depth(one.corners, shapes[one.own])
        for stop, shape in shapes.items():
            yield (f"{one.kind}-marker", one.who, stop), marker_depth(one.corners, shape), 0.05
            if stop != one.own:
                nearer = to_own + clearly + round_depth(one.corners, shape)
                yield (f"{one.kind}-nearest", one.who, stop), nearer, 0.05


def off_sheet(made: Scene) -> Iterator[Depth]:
    for one in writings(made):
        for x, y in one.corners:
            out = max(-x, -y, x - made.width, y - made.height)
            yield (f"{one.kind}-edge", one.who, ""), out, 0.05


def among_markers(made: Scene) -> Iterator[Depth]:
    for (one, a), (two, b) in combinations(station_shapes(made).items(), 2):
        if isinstance(a, Box) or isinstance(b, Box):
            box, other = (a, b) if isinstance(a, Box) else (b, a)
            assert isinstance(box, Box)
            doubt = 0.05 if isinstance(other, Box) else 10.0  # round ends count as octagons
            yield ("marker-marker", one, two), marker_depth(box_corners(box), other), doubt
        else:
            (p, q, r), (u, v, w) = core(a), core(b)
            yield ("marker-marker", one, two), r + w - segment_to_segment(p, q, u, v), 0.05


def lines_at_markers(made: Scene) -> Iterator[Depth]:
    for (stop, shape), (name, line) in product(
        station_shapes(made).items(), made.truth.lines.items()
    ):
        if name in made.truth.stations[stop].lines:
            continue
        half = line.width / 2
        for a, b in (ends for path in line.polylines for ends in pairwise(path)):
            found = ("marker-line", stop, name)
            if isinstance(shape, Box):
                yield found, half - polygon_to_segment(box_corners(shape), a, b), half
            else:
                p, q, radius = core(shape)
                yield found, half + radius - segment_to_segment(p, q, a, b), 0.05


def station_shapes(made: Scene) -> dict[str, object]:
    return {group.key: group.shapes[0] for group in made.groups if group.kind == "station"}


def core(shape: object) -> tuple[Point, Point, float]:
    match shape:
        case Pill():
            return shape.a, shape.b, shape.radius
        case Stroke():
            return shape.points[0], shape.points[-1], shape.width / 2
        case Box():
            (left, top, right, bottom) = shape.bounds
            middle = ((left + right) / 2, (top + bottom) / 2)
            return middle, middle, (right - left) / 2 * sqrt(2)  # the disc about it
        case _:
            raise TypeError(shape)


def round_depth(box: tuple[Point, ...], shape: object) -> float:
    a, b, radius = core(shape)
    return radius - polygon_to_segment(box, a, b)


def box_corners(box: Box) -> tuple[Point, ...]:
    left, top, right, bottom = box.bounds
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def segment_to_segment(a: Point, b: Point, c: Point, d: Point) -> float:
    if cross(a, b, c) * cross(a, b, d) < 0 and cross(c, d, a) * cross(c, d, b) < 0:
        return 0.0
    return min(to_segment(a, c, d), to_segment(b, c, d), to_segment(c, a, b), to_segment(d, a, b))


def marker_depth(box: tuple[Point, ...], shape: object) -> float:
    if isinstance(shape, Box):
        return polygon_depth(box, box_corners(shape))
    return round_depth(box, shape)


def polygon_depth(one: tuple[Point, ...], two: tuple[Point, ...]) -> float:
    found = float("inf")
    for polygon in (one, two):
        for a, b in pairwise([*polygon, polygon[0]]):
            length = hypot(b[0] - a[0], b[1] - a[1]) or 1.0
            nx, ny = (a[1] - b[1]) / length, (b[0] - a[0]) / length
            first = [x * nx + y * ny for x, y in one]
            second = [x * nx + y * ny for x, y in two]
            found = min(found, max(first) - min(second), max(second) - min(first))
    return found


def polygon_to_segment(polygon: tuple[Point, ...], a: Point, b: Point) -> float:
    """0 where they meet, found by the sides of the polygon and by points within."""
    sides = list(pairwise([*polygon, polygon[0]]))
    if any(cross(a, b, c) * cross(a, b, d) < 0 and cross(c, d, a) * cross(c, d, b) < 0
           for c, d in sides):  # fmt: skip
        return 0.0
    for point in (a, b):
        if all(cross(c, d, point) >= 0 for c, d in sides):
            return 0.0
    return min(
        *(to_segment(point, c, d) for point in (a, b) for c, d in sides),
        *(to_segment(corner, a, b) for corner in polygon),
    )


def to_segment(p: Point, a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    t = 0.0 if not square else ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / square
    t = min(1.0, max(0.0, t))
    return sqrt((p[0] - a[0] - t * dx) ** 2 + (p[1] - a[1] - t * dy) ** 2)


def cross(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
