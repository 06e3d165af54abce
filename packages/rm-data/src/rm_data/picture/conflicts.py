"""The machine's check of a picture: what overlaps, and what stands nearer to a stranger.

It reads the finished display list and the label boxes of its truth, not the placement that made
them. The rules, without any allowance for halos or knock-outs, since there are none:

- the box of a name or badge (the ink of its rows, and `PAD` of the text at either end) overlaps no
  other name or badge, no line at its full width, and no marker, its own included;
- it lies wholly inside the picture;
- it is nearer to its own marker than to any other by at least `CLEARLY` heights of the text;
- no two markers overlap, and no line runs under the marker of a station that it does not serve.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from rm_data.layout import Point
from rm_data.picture.overlap import (
    ROOT,
    Boxes,
    Flags,
    Floats,
    Ints,
    Pieces,
    close,
    crossed,
    distances,
    extents,
    meet,
    pieces,
    pill_extents,
)
from rm_data.picture.segments import apart
from rm_data.picture.shapes import Box, Conflict, ConflictKind, Group, Pill, Scene, Stroke

CLEARLY: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writing:
    """Names, then badges: who they belong to, their boxes, and the index of their own marker."""

    who: list[str]
    badge: Flags
    boxes: Boxes
    own: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Markers:
    """Ends and radius of each; a square counts as the disc about it where distance matters."""

    stops: list[str]
    a: Floats
    b: Floats
    radius: Floats
    sides: Boxes
    hulls: Floats
    square: Flags


def conflicts(scene: Scene) -> tuple[Conflict, ...]:
    """Everything that breaks a rule, sorted; empty for a map that is legible throughout."""
    around = _markers(scene)
    writing = _writing(scene, around)
    lines, names = _line_pieces(scene)
    size = next((label.text_px for label in scene.truth.labels.values()), 1.0)
    found = {
        *_among_writing(writing),
        *_on_lines(writing, lines, names),
        *_at_markers(writing, around, size),
        *_at_edges(writing, scene),
        *_between_markers(around),
        *_lines_at_strangers(scene, around, lines, names),
    }
    return tuple(sorted(found, key=lambda one: (one.kind, one.who, one.other)))


def _markers(scene: Scene) -> _Markers:
    groups = [group for group in scene.groups if group.kind == "station"]
    cores = [_core(group) for group in groups]
    a, b = np.array([core[0] for core in cores]), np.array([core[1] for core in cores])
    half = np.array([core[2] for core in cores])
    square = np.array([isinstance(group.shapes[0], Box) for group in groups])
    round_hulls = pill_extents(a, b, half)
    sides = Boxes(x=a[:, 0], y=a[:, 1], along=half, across=half, turn=np.zeros(len(a), np.int64))
    return _Markers(
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


def _writing(scene: Scene, around: _Markers) -> _Writing:
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
    badge = np.arange(len(rows)) >= len(scene.truth.labels)
    return _Writing(who=who, badge=badge, boxes=boxes, own=own)


def _turned_box(corners: tuple[Point, ...]) -> tuple[float, float, float, float, int]:
    (ax, ay), (bx, by), (cx, cy), _ = corners
    along = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5 / 2
    across = ((cx - bx) ** 2 + (cy - by) ** 2) ** 0.5 / 2
    turn = 0 if by == ay else 1 if by < ay else 2
    return (ax + cx) / 2, (ay + cy) / 2, along, across, turn


def _line_pieces(scene: Scene) -> tuple[Pieces, list[str]]:
    ends: list[tuple[float, ...]] = []
    names: list[str] = []
    for name, line in scene.truth.lines.items():
        for path in line.polylines:
            for a, b in pairwise(path):
                ends.append((*a, *b, line.width / 2))
                names.append(name)
    table = np.array(ends, dtype=np.float64).reshape(len(ends), 5)
    return pieces(table[:, :2], table[:, 2:4], table[:, 4]), names


def _kind(writing: _Writing, at: int | np.intp, what: str) -> ConflictKind:
    return _KINDS[("badge" if writing.badge[at] else "label", what)]


_KINDS: Final[dict[tuple[str, str], ConflictKind]] = {
    ("label", "label"): "label-label",
    ("label", "line"): "label-line",
    ("label", "marker"): "label-marker",
    ("label", "badge"): "label-badge",
    ("label", "edge"): "label-edge",
    ("label", "nearest"): "label-nearest",
    ("badge", "line"): "badge-line",
    ("badge", "marker"): "badge-marker",
    ("badge", "badge"): "badge-badge",
    ("badge", "edge"): "badge-edge",
    ("badge", "nearest"): "badge-nearest",
}


def _listed(one: Ints, two: Ints) -> list[tuple[int, int]]:
    return [(int(i), int(j)) for i, j in zip(one, two, strict=True)]


def _among_writing(writing: _Writing) -> Iterator[Conflict]:
    hulls = extents(writing.boxes)
    one, two = close(hulls, hulls)
    one, two = one[one < two], two[one < two]
    hit = meet(hulls[one], hulls[two])
    for i, j in _listed(one[hit], two[hit]):
        kind = _kind(writing, i, "badge" if writing.badge[j] else "label")
        yield Conflict(kind=kind, who=writing.who[i], other=writing.who[j])


def _on_lines(writing: _Writing, lines: Pieces, names: list[str]) -> Iterator[Conflict]:
    hulls = extents(writing.boxes)
    which, piece = close(hulls, lines.extents)
    hit = crossed(writing.boxes, hulls, which, lines, piece)
    for i, j in _listed(which[hit], piece[hit]):
        yield Conflict(kind=_kind(writing, i, "line"), who=writing.who[i], other=names[j])


def _at_markers(writing: _Writing, around: _Markers, size: float) -> Iterator[Conflict]:
    own = np.array(writing.own, dtype=np.int64)
    hulls = extents(writing.boxes)
    to_own = distances(writing.boxes, around.a[own], around.b[own]) - around.radius[own]
    room = float(to_own.max(initial=0.0)) + CLEARLY * size
    which, marker = close(hulls, pill_extents(around.a, around.b, around.radius + max(room, 0.0)))
    boxes = writing.boxes.of(which)
    away = distances(boxes, around.a[marker], around.b[marker]) - around.radius[marker]
    square = around.square[marker]
    over = np.where(square, meet(hulls[which], around.hulls[marker]), away < 0)
    nearer = (marker != own[which]) & (away < to_own[which] + CLEARLY * size)
    for at in np.nonzero(over | nearer)[0]:
        i, stop = int(which[at]), around.stops[int(marker[at])]
        if over[at]:
            yield Conflict(kind=_kind(writing, i, "marker"), who=writing.who[i], other=stop)
        if nearer[at]:
            yield Conflict(kind=_kind(writing, i, "nearest"), who=writing.who[i], other=stop)


def _at_edges(writing: _Writing, scene: Scene) -> Iterator[Conflict]:
    hulls = extents(writing.boxes)
    outside = (hulls[:, 0] < 0) | (hulls[:, 1] < 0)
    outside |= (hulls[:, 4] > scene.width) | (hulls[:, 5] > scene.height)
    for at in np.nonzero(outside)[0]:
        yield Conflict(kind=_kind(writing, at, "edge"), who=writing.who[at], other="")


def _between_markers(around: _Markers) -> Iterator[Conflict]:
    one, two = close(around.hulls, around.hulls)
    one, two = one[one < two], two[one < two]
    away = apart(around.a[one], around.b[one], around.a[two], around.b[two])
    hit = away < around.radius[one] + around.radius[two]
    square = around.square[one] | around.square[two]
    hit &= ~square | meet(around.hulls[one], around.hulls[two])
    for i, j in _listed(one[hit], two[hit]):
        yield Conflict(kind="marker-marker", who=around.stops[i], other=around.stops[j])


def _lines_at_strangers(
    scene: Scene, around: _Markers, lines: Pieces, names: list[str]
) -> Iterator[Conflict]:
    marker, piece = close(around.hulls, lines.extents)
    a = np.stack([lines.x, lines.y], 1)[piece]
    reach = (np.stack([lines.ux, lines.uy], 1) * (lines.half - lines.width)[:, None])[piece]
    away = apart(around.a[marker], around.b[marker], a - reach, a + reach)
    hit = away < around.radius[marker] + lines.width[piece]
    square = around.square[marker]
    hit[square] = crossed(around.sides, around.hulls, marker[square], lines, piece[square])
    for i, j in _listed(marker[hit], piece[hit]):
        stop = around.stops[i]
        if names[j] not in scene.truth.stations[stop].lines:
            yield Conflict(kind="marker-line", who=stop, other=names[j])
