from __future__ import annotations

from itertools import pairwise
from math import cos, hypot, pi, sin
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_data.picture.overlap import Boxes, close, crossed, distances, extents, meet, pieces
from rm_data.picture.segments import apart

Point: TypeAlias = tuple[float, float]
BoxNumbers: TypeAlias = tuple[float, float, float, float, int]

NEAR = 1e-6
coordinates = st.integers(-12, 12).map(lambda n: n / 2)
sizes = st.integers(1, 12).map(lambda n: n / 4)
boxes = st.tuples(coordinates, coordinates, sizes, sizes, st.integers(0, 2))
points = st.tuples(coordinates, coordinates)


def as_boxes(*rows: BoxNumbers) -> Boxes:
    x, y, along, across, turn = np.array(rows, dtype=np.float64).T
    return Boxes(x=x, y=y, along=along, across=across, turn=turn.astype(np.int64))


def corners(box: BoxNumbers) -> list[Point]:
    x, y, along, across, turn = box
    angle = (0.0, -pi / 4, pi / 4)[turn]
    return [
        (x + a * cos(angle) - b * sin(angle), y + a * sin(angle) + b * cos(angle))
        for a, b in ((-along, -across), (along, -across), (along, across), (-along, across))
    ]


def depth(one: list[Point], two: list[Point]) -> float:
    """How far two convex polygons reach into each other along their worst axis; negative: apart."""
    found = float("inf")
    for polygon in (one, two):
        for a, b in pairwise([*polygon, polygon[0]]):
            length = hypot(b[0] - a[0], b[1] - a[1])
            nx, ny = (a[1] - b[1]) / length, (b[0] - a[0]) / length
            first = [x * nx + y * ny for x, y in one]
            second = [x * nx + y * ny for x, y in two]
            found = min(found, max(first) - min(second), max(second) - min(first))
    return found


def to_segment(p: Point, a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    t = 0.0 if not square else ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / square
    t = min(1.0, max(0.0, t))
    return hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy)


@given(boxes, boxes)
def test_boxes_meet_as_polygons_do(one: BoxNumbers, two: BoxNumbers) -> None:
    reach = depth(corners(one), corners(two))
    if abs(reach) > NEAR:
        hulls = extents(as_boxes(one, two))
        assert bool(meet(hulls[:1], hulls[1:])[0]) == (reach > 0)
        assert (len(close(hulls[:1], hulls[1:])[0]) == 1) or reach < 0


@given(boxes, points, points, sizes)
def test_a_box_meets_a_piece_of_line_as_polygons_do(
    box: BoxNumbers, a: Point, b: Point, half: float
) -> None:
    length = hypot(b[0] - a[0], b[1] - a[1])
    ux, uy = ((b[0] - a[0]) / length, (b[1] - a[1]) / length) if length else (1.0, 0.0)
    ends = [(a[0] - ux * half, a[1] - uy * half), (b[0] + ux * half, b[1] + uy * half)]
    strip = [
        (ends[0][0] - uy * half, ends[0][1] + ux * half),
        (ends[1][0] - uy * half, ends[1][1] + ux * half),
        (ends[1][0] + uy * half, ends[1][1] - ux * half),
        (ends[0][0] + uy * half, ends[0][1] - ux * half),
    ]
    reach = depth(corners(box), strip)
    if abs(reach) > NEAR:
        one = as_boxes(box)
        line = pieces(np.array([a]), np.array([b]), np.array([half]))
        none = np.zeros(1, dtype=np.int64)
        assert bool(crossed(one, extents(one), none, line, none)[0]) == (reach > 0)


@given(boxes, points, points)
def test_the_distance_to_a_segment_is_the_shortest_of_any_two_points(
    box: BoxNumbers, a: Point, b: Point
) -> None:
    around = corners(box)
    sides = list(pairwise([*around, around[0]]))
    shortest = min(
        *(to_segment(p, c, d) for p in (a, b) for c, d in sides),
        *(to_segment(p, a, b) for p in around),
    )
    crossing = any(
        _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0
        for c, d in sides
    )
    inside = all(_turn(c, d, a) > -NEAR for c, d in sides)
    expected = 0.0 if crossing or inside else shortest
    found = distances(as_boxes(box), np.array([a]), np.array([b]))[0]
    assert found == pytest.approx(expected, abs=1e-5)


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


@given(points, points, points, points)
def test_the_distance_of_segments_is_that_of_their_nearest_points(
    a: Point, b: Point, c: Point, d: Point
) -> None:
    found = float(apart(*(np.array([p]) for p in (a, b, c, d)))[0])
    steps = [place / 24 for place in range(25)]
    one = [(a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])) for t in steps]
    sampled = min(to_segment(p, c, d) for p in one)
    assert found <= sampled + 1e-9
    assert sampled - found <= hypot(b[0] - a[0], b[1] - a[1]) / 24 + 1e-9
