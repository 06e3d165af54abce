"""A finished scene read back as arrays: what is written, the markers, the pieces of lines."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from rm_data.layout import Point
from rm_data.picture.overlap import (
    ROOT,
    Boxes,
    Flags,
    Floats,
    Pieces,
    extents,
    pieces,
    pill_extents,
)
from rm_data.picture.shapes import Box, Group, Pill, Scene, Stroke


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """Names, then badges: who they belong to, their boxes, and the index of their own marker."""

    who: list[str]
    badge: Flags
    boxes: Boxes
    own: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Markers:
    """Ends and radius of each; a square counts as the disc about it where distance matters."""

    stops: list[str]
    a: Floats
    b: Floats
    radius: Floats
    sides: Boxes
    hulls: Floats
    square: Flags


def markers_of(scene: Scene) -> Markers:
    """The markers of all stations, from their shapes."""
    groups = [group for group in scene.groups if group.kind == "station"]
    cores = [_core(group) for group in groups]
    a, b = np.array([core[0] for core in cores]), np.array([core[1] for core in cores])
    half = np.array([core[2] for core in cores])
    square = np.array([isinstance(group.shapes[0], Box) for group in groups])
    round_hulls = pill_extents(a, b, half)
    sides = Boxes(x=a[:, 0], y=a[:, 1], along=half, across=half, turn=np.zeros(len(a), np.int64))
    return Markers(
        stops=[group.key for group in groups],
        a=a,
        b=b,
        radius=np.where(square, half * (2 * ROOT), half),
        sides=sides,
        hulls=np.where(square[:, None], extents(sides), round_hulls),
        square=square,
    )


def _core(group: Group) -> tuple[Point, Point, float]:
    """Ends and radius of a marker; for a square the middle and half its side."""
    shape = group.shapes[0]
    if isinstance(shape, Pill):
        return shape.a, shape.b, shape.radius
    if isinstance(shape, Stroke):
        return shape.points[0], shape.points[-1], shape.width / 2
    if isinstance(shape, Box):
        left, top, right, bottom = shape.bounds
        middle = ((left + right) / 2, (top + bottom) / 2)
        return middle, middle, (right - left) / 2
    raise TypeError(f"a marker is a pill, a stroke or a box, not {shape!r}")


def writing_of(scene: Scene, around: Markers) -> Writing:
    """The names and badges, from the boxes of the truth."""
    place = {stop: index for index, stop in enumerate(around.stops)}
    rows: list[tuple[float, float, float, float, int]] = []
    who: list[str] = []
    own: list[int] = []
    for stop, label in scene.truth.labels.items():
        rows.append(_turned_box(label.corners))
        who.append(stop)
        own.append(place[stop])
    for name, line in scene.truth.lines.items():
        for stop, (left, top, right, bottom) in line.badges:
            middle = ((left + right) / 2, (top + bottom) / 2)
            rows.append((*middle, (right - left) / 2, (bottom - top) / 2, 0))
            who.append(name)
            own.append(place[stop])
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 5)
    x, y, along, across, turn = table.T
    boxes = Boxes(x=x, y=y, along=along, across=across, turn=turn.astype(np.int64))
    return Writing(
        who=who, badge=np.arange(len(rows)) >= len(scene.truth.labels), boxes=boxes, own=own
    )


def _turned_box(corners: tuple[Point, ...]) -> tuple[float, float, float, float, int]:
    (ax, ay), (bx, by), (cx, cy), _ = corners
    along = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5 / 2
    across = ((cx - bx) ** 2 + (cy - by) ** 2) ** 0.5 / 2
    turn = 0 if by == ay else 1 if by < ay else 2
    return (ax + cx) / 2, (ay + cy) / 2, along, across, turn


def line_pieces(scene: Scene) -> tuple[Pieces, list[str]]:
    """The straight pieces of all lines, and the line of each."""
    ends: list[tuple[float, ...]] = []
    names: list[str] = []
    for name, line in scene.truth.lines.items():
        for path in line.polylines:
            for a, b in pairwise(path):
                ends.append((*a, *b, line.width / 2))
                names.append(name)
    table = np.array(ends).reshape(len(ends), 5)
    return pieces(table[:, :2], table[:, 2:4], table[:, 4]), names
