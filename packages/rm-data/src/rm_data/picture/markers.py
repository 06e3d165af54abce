"""The markers of stations: where they are and how large, before anything is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from typing import Final

from rm_data.layout import Point
from rm_data.picture.look import Look
from rm_data.picture.tracks import Slot
from rm_rewards import Network

_SAME: Final = 0.05
"""Lines that pass a station nearer to each other than this meet in one point."""
TICK_WIDTH: Final = 0.22
TICK_LENGTH: Final = 0.4
"""How far a tick reaches beyond the edge of its line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """The marker of a station: all points within `radius` of the segment from `a` to `b`.

    Attributes:
        square: Drawn as the upright box around these points.
        tick: For a tick the unit vector across the line; `a` and `b` are then the ends of ticks on
            both sides, of which one is drawn, or both at the end of a line.
        terminal: Whether a line ends here.
        shared: Whether several lines serve the station.
    """

    stop: str
    a: Point
    b: Point
    radius: float
    square: bool = False
    tick: Point | None = None
    terminal: bool = False
    shared: bool = False

    @property
    def reach(self) -> float:
        """Its radius; that of the disc about it for a square."""
        return self.radius * 1.4142135623730951 if self.square else self.radius

    @property
    def centre(self) -> Point:
        """The middle."""
        return ((self.a[0] + self.b[0]) / 2, (self.a[1] + self.b[1]) / 2)


def markers(
    network: Network, slots: Mapping[str, Sequence[Slot]], look: Look
) -> tuple[Marker, ...]:
    """One for each station, in the order of the network."""
    return tuple(
        _interchange(stop, slots[stop], look)
        if len(network.lines_at[stop]) > 1
        else _ordinary(stop, slots[stop], look, terminal=_is_terminal(network, stop))
        for stop in network.names
    )


def _is_terminal(network: Network, stop: str) -> bool:
    return any(len(network.neighbours[line][stop]) < 2 for line in network.lines_at[stop])


def _ordinary(stop: str, slots: Sequence[Slot], look: Look, *, terminal: bool) -> Marker:
    place = _middle(slots)
    if look.marker == "tick":
        along = slots[0].along
        across = (-along[1], along[0])
        reach = look.line_width / 2 + TICK_LENGTH - TICK_WIDTH / 2
        return Marker(
            stop=stop,
            a=(place[0] - across[0] * reach, place[1] - across[1] * reach),
            b=(place[0] + across[0] * reach, place[1] + across[1] * reach),
            radius=TICK_WIDTH / 2,
            tick=across,
            terminal=terminal,
        )
    square = look.marker == "square"
    radius = look.marker_size * (0.89 if square else 1.0)  # equal areas
    return Marker(stop=stop, a=place, b=place, radius=radius, square=square)


def _interchange(stop: str, slots: Sequence[Slot], look: Look) -> Marker:
    a, b = _farthest(slots)
    radius = max(look.marker_size * 1.15, look.line_width / 2 + 0.12)
    spread = max(_beside(slot.place, a, b) for slot in slots)
    if _distance(a, b) <= _SAME:
        middle = _middle(slots)
        return Marker(stop=stop, a=middle, b=middle, radius=radius * 1.15, shared=True)
    if look.interchange == "capsule":
        return Marker(stop=stop, a=a, b=b, radius=radius + spread, shared=True)
    middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
    radius += _distance(a, b) / 2
    square = look.interchange == "square"
    return Marker(stop=stop, a=middle, b=middle, radius=radius, square=square, shared=True)


def _middle(slots: Sequence[Slot]) -> Point:
    return (
        fsum(slot.place[0] for slot in slots) / len(slots),
        fsum(slot.place[1] for slot in slots) / len(slots),
    )


def _farthest(slots: Sequence[Slot]) -> tuple[Point, Point]:
    """The two places that are farthest apart."""
    places = [slot.place for slot in slots]
    pairs = [(p, q) for i, p in enumerate(places) for q in places[i:]]
    return max(pairs, key=lambda pair: _distance(*pair))


def _beside(point: Point, a: Point, b: Point) -> float:
    """How far the point lies from the straight line through a and b, which it lies between."""
    length = _distance(a, b)
    if length <= _SAME:
        return 0.0
    return abs((b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])) / length


def _distance(a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    return sqrt(dx * dx + dy * dy)
