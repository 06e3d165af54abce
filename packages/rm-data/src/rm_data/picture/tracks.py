"""Lines as they are drawn: side by side on shared tracks, joined at corners, curved at bends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum, sqrt
from typing import Final

from rm_data.layout import Layout, Point
from rm_data.picture.corridors import Corridors, corridors, direction
from rm_rewards import Line, Network

_SHARP: Final = 0.3
"""Below this sine of the angle two tracks count as straight on: no corner to cut."""
_CURVE: Final = (0.2, 0.4, 0.6, 0.8)
_STATION_BEND: Final = 0.35
"""A curve in a station is tighter than one between stations, so that it stays under its marker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Where a line passes a station: the place, and the unit vector along the line."""

    line: str
    place: Point
    along: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The lines of a network on paper.

    Attributes:
        polylines: By line, one a path that has two stations or more; a loop ends where it began.
        slots: By station, in the order of the lines; a station that no line reaches by a track
            has one on its own place.
        shared: Whether any lines run side by side.
    """

    polylines: Mapping[str, tuple[tuple[Point, ...], ...]]
    slots: Mapping[str, tuple[Slot, ...]]
    shared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leg:
    """A straight piece: from `a` to `b`, `offset` to the right; `stop` is the station at `a`."""

    a: Point
    b: Point
    u: Point
    offset: float
    stop: str | None


def draw_lines(network: Network, layout: Layout, *, pitch: float, bend: float) -> Drawn:
    """The polylines of all lines.

    Args:
        network: Whose lines.
        layout: In units of the drawing.
        pitch: From the middle of a line to the middle of its neighbour on the same track.
        bend: Length that a curve takes off the tracks on either side of a corner.
    """
    order = corridors(network, layout)
    polylines: dict[str, tuple[tuple[Point, ...], ...]] = {}
    slots: dict[str, dict[tuple[str, int, int], Slot]] = {stop: {} for stop in network.names}
    for line in network.lines:
        made: list[tuple[Point, ...]] = []
        for path in line.paths:
            legs = _legs(line, path, layout, order, pitch)
            if legs:
                made.append(_polyline(line, path, legs, slots, bend=bend))
        polylines[line.name] = tuple(made)
    return Drawn(
        polylines=polylines,
        slots={
            stop: tuple(found.values()) if found else (_lonely(network, layout, stop),)
            for stop, found in slots.items()
        },
        shared=any(len(lines) > 1 for lines in order.places.values()),
    )


def _lonely(network: Network, layout: Layout, stop: str) -> Slot:
    line = next(iter(network.lines_at[stop]), "")
    return Slot(line=line, place=layout.positions[stop], along=(1.0, 0.0))


def _legs(
    line: Line, path: Sequence[str], layout: Layout, order: Corridors, pitch: float
) -> list[_Leg]:
    ridden = [*path, path[0]] if line.loop and len(path) > 2 else list(path)
    legs: list[_Leg] = []
    for a, b in pairwise(ridden):
        if a == b:
            continue
        offset = order.offset(line.name, a, b) * pitch
        points = [p for p, q in pairwise(layout.track(a, b)) if p != q]
        points.append(layout.positions[b])
        for place, (p, q) in enumerate(pairwise(points)):
            stop = a if place == 0 else None
            legs.append(_Leg(a=p, b=q, u=direction(p, q), offset=offset, stop=stop))
    return legs


def _polyline(
    line: Line,
    path: Sequence[str],
    legs: Sequence[_Leg],
    slots: Mapping[str, dict[tuple[str, int, int], Slot]],
    *,
    bend: float,
) -> tuple[Point, ...]:
    corners: list[tuple[Point, float]] = []
    closed = line.loop and len(path) > 2
    for place, leg in enumerate(legs):
        before = legs[place - 1] if place or closed else None
        joints = _joints(before, leg)
        if leg.stop is not None:
            _note(slots[leg.stop], line.name, joints, _mean(before, leg))
        cut = bend * (_STATION_BEND if leg.stop is not None else 1.0)
        corners += [(joint, cut) for joint in joints]
    if closed:
        return _curved(corners, closed=True)
    end = legs[-1]
    place = _aside(end.b, end.u, end.offset)
    _note(slots[path[-1]], line.name, [place], end.u)
    return _curved([*corners, (place, 0.0)], closed=False)


def _note(
    slots: dict[tuple[str, int, int], Slot], line: str, joints: Sequence[Point], along: Point
) -> None:
    """One slot a line and place: the branches of a line that meet in a station share it."""
    x = fsum(joint[0] for joint in joints) / len(joints)
    y = fsum(joint[1] for joint in joints) / len(joints)
    slots.setdefault(
        (line, round(x * 100), round(y * 100)), Slot(line=line, place=(x, y), along=along)
    )


def _joints(before: _Leg | None, leg: _Leg) -> list[Point]:
    """Where the line passes the start of the leg: one corner, or two where it changes its place."""
    if before is None:
        return [_aside(leg.a, leg.u, leg.offset)]
    cross = before.u[0] * leg.u[1] - before.u[1] * leg.u[0]
    if abs(cross) > _SHARP:
        x = (leg.u[0] * before.offset - before.u[0] * leg.offset) / cross
        y = (leg.u[1] * before.offset - before.u[1] * leg.offset) / cross
        return [(leg.a[0] + x, leg.a[1] + y)]
    ends = _aside(leg.a, before.u, before.offset)
    starts = _aside(leg.a, leg.u, leg.offset)
    if before.offset == leg.offset:
        return [((ends[0] + starts[0]) / 2, (ends[1] + starts[1]) / 2)]
    ramp = abs(before.offset - leg.offset)
    return [_along(ends, before.u, -ramp), _along(starts, leg.u, ramp)]


def _mean(before: _Leg | None, leg: _Leg) -> Point:
    """The direction of the line at the start of the leg: between the two that meet there."""
    if before is None:
        return leg.u
    return direction((0.0, 0.0), (before.u[0] + leg.u[0], before.u[1] + leg.u[1]))


def _aside(point: Point, u: Point, offset: float) -> Point:
    return (point[0] - u[1] * offset, point[1] + u[0] * offset)


def _along(point: Point, u: Point, length: float) -> Point:
    return (point[0] + u[0] * length, point[1] + u[1] * length)


def _curved(corners: Sequence[tuple[Point, float]], *, closed: bool) -> tuple[Point, ...]:
    """The corners with each turn replaced by a parabola that touches both its sides."""
    count = len(corners)
    points: list[Point] = []
    for place, (corner, cut) in enumerate(corners):
        if not closed and place in (0, count - 1):
            points.append(corner)
            continue
        before, after = corners[place - 1][0], corners[(place + 1) % count][0]
        points += _curve(before, corner, after, cut)
    if closed:
        points.append(points[0])
    return tuple(points)


def _curve(before: Point, corner: Point, after: Point, cut: float) -> list[Point]:
    u, v = direction(corner, before), direction(corner, after)
    straight = abs(u[0] * v[1] - u[1] * v[0]) < 0.02 and u[0] * v[0] + u[1] * v[1] < 0
    reach = min(cut, 0.45 * _distance(corner, before), 0.45 * _distance(corner, after))
    if straight or reach <= 0:
        return [corner]
    a, b = _along(corner, u, reach), _along(corner, v, reach)
    between = [_parabola(a, corner, b, t) for t in _CURVE]
    return [a, *between, b]


def _parabola(a: Point, corner: Point, b: Point, t: float) -> Point:
    p, q, r = (1 - t) * (1 - t), 2 * t * (1 - t), t * t
    return (p * a[0] + q * corner[0] + r * b[0], p * a[1] + q * corner[1] + r * b[1])


def _distance(a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    return sqrt(dx * dx + dy * dy)
