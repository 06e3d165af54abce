"""What a question is about, drawn over the picture of its map: routes, rides, lines and stations.

The marks are an SVG of the size of the picture, made from the picture's pixel truth.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from math import hypot
from typing import Final, TypeAlias

from rm_data.picture import LineTruth, PixelTruth
from rm_rewards import Question, Route

Point: TypeAlias = tuple[float, float]

COLOURS: Final = ("#e6007e", "#00a3e0", "#7a5cff", "#ff7a00")
"""One for each of several equally good routes; the rest share the last."""


def marks(question: Question, truth: PixelTruth) -> str:
    """The marks of a question as an `<svg>`; empty where the picture's truth shows none of it."""
    shapes = "".join(_shapes(question, _Places(truth)))
    if not shapes:
        return ""
    box = f"0 0 {truth.width} {truth.height}"
    return f'<svg class="marks" viewBox="{box}" aria-hidden="true">{shapes}</svg>'


@dataclass(frozen=True, slots=True)
class _Places:
    """The stations of a picture by name; a name that two stations share is in neither place."""

    truth: PixelTruth
    centres: dict[str, Point] = field(default_factory=dict[str, Point])

    def __post_init__(self) -> None:
        shared: set[str] = set()
        for station in self.truth.stations.values():
            if station.name in self.centres:
                shared.add(station.name)
            self.centres[station.name] = station.centre
        for name in shared:
            del self.centres[name]

    @property
    def unit(self) -> float:
        """A length that is well seen at any size of the picture."""
        return max(self.truth.width, self.truth.height) / 400


def _shapes(question: Question, places: _Places) -> Iterator[str]:
    if question.routes:
        chosen: Sequence[Route] = question.routes
        for place, route in reversed([*enumerate(chosen)]):  # the first on top of the others
            colour = COLOURS[min(place, len(COLOURS) - 1)]
            yield from _route(route, places, colour, spread=len(chosen) - place)
    elif question.line is not None:
        via = question.fine_grained_answer
        ends = [question.station_1, question.station_2]
        if isinstance(via, tuple) and None not in ends:
            stops = [question.station_1 or "", *via, question.station_2 or ""]
            yield _path(_ride(question.line, stops, places), COLOURS[0], 3 * places.unit)
        else:
            yield from _line(question.line, places)
    for name in filter(None, (question.station_1, question.station_2)):
        if name in places.centres:
            yield _ring(places.centres[name], COLOURS[0], places.unit)


def _route(route: Route, places: _Places, colour: str, *, spread: int) -> Iterator[str]:
    for leg in route:
        stops = [leg.departure_stop, *leg.via_stops, leg.arrival_stop]
        yield _path(_ride(leg.route_name, stops, places), colour, (1 + 2 * spread) * places.unit)
    for leg in route[1:]:
        if leg.departure_stop in places.centres:
            yield _ring(places.centres[leg.departure_stop], colour, places.unit)


def _line(name: str, places: _Places) -> Iterator[str]:
    line = places.truth.lines.get(name)
    for points in line.polylines if line is not None else ():
        yield _path(points, COLOURS[0], 3 * places.unit)


def _ride(line: str, stops: Sequence[str], places: _Places) -> list[Point]:
    """The points of a ride along the line as it is drawn."""
    known = [places.centres[stop] for stop in stops if stop in places.centres]
    track = places.truth.lines.get(line)
    points = known[:1]
    for a, b in pairwise(known):
        points += [*_between(a, b, track), b]
    return points


def _between(a: Point, b: Point, line: LineTruth | None) -> list[Point]:
    """The bends of the line between two neighbours; none where it does not pass by both."""
    best: list[Point] = []
    shortest = float("inf")
    for points in line.polylines if line is not None else ():
        (near_a, i), (near_b, j) = _nearest(a, points), _nearest(b, points)
        reach = 3 * (line.width if line is not None else 0.0)
        if max(near_a, near_b) > reach:
            continue
        slice_ = list(points[min(i, j) : max(i, j) + 1])
        between = slice_ if i <= j else slice_[::-1]
        length = sum(hypot(q[0] - p[0], q[1] - p[1]) for p, q in pairwise([a, *between, b]))
        if length < shortest:
            best, shortest = between, length
    return best


def _nearest(place: Point, points: Sequence[Point]) -> tuple[float, int]:
    """Distance and index of the vertex that is nearest."""
    return min(
        ((hypot(x - place[0], y - place[1]), i) for i, (x, y) in enumerate(points)),
        default=(float("inf"), 0),
    )


def _path(points: Iterable[Point], colour: str, width: float) -> str:
    """The way in its colour, on white: it is seen on a line of any colour."""
    listed = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    if not listed:
        return ""
    both = (("#ffffff", 1.8 * width), (escape(colour), width))
    return "".join(
        f'<polyline points="{listed}" fill="none" stroke="{stroke}" stroke-width="{wide:.1f}" '
        'stroke-linejoin="round" stroke-linecap="round"/>'
        for stroke, wide in both
    )


def _ring(place: Point, colour: str, unit: float) -> str:
    x, y = place
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{6 * unit:.1f}" fill="none" '
        f'stroke="{escape(colour)}" stroke-width="{1.5 * unit:.1f}"/>'
    )
