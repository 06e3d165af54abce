"""A layout in a mirror, or turned by a quarter: names stay upright, since they are placed anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from rm_data.layout import Layout, Point
from rm_data.picture.drawing import Bend, Drawing
from rm_data.picture.scenery import Scenery
from rm_rewards import Network


def mirrored(drawing: Drawing) -> Drawing:
    """Left and right exchanged."""
    left, right = _span(x for x, _ in drawing.positions.values())
    return _moved(drawing, lambda point: (left + right - point[0], point[1]))


def turned(drawing: Drawing) -> Drawing:
    """Turned clockwise by a quarter, about the corner that keeps it where it was."""
    left, _ = _span(x for x, _ in drawing.positions.values())
    top, bottom = _span(y for _, y in drawing.positions.values())
    return _moved(drawing, lambda point: (left + bottom - point[1], top + point[0] - left))


def with_places(network: Network, layout: Layout) -> Network:
    """The network with the places of the layout, where it has places at all."""
    if network.positions is None:
        return network
    return replace(network, positions=dict(layout.positions))


def _moved(drawing: Drawing, move: Callable[[Point], Point]) -> Drawing:
    return replace(
        drawing,
        positions={stop: move(point) for stop, point in drawing.positions.items()},
        bends=tuple(
            Bend(start=b.start, end=b.end, points=tuple(map(move, b.points))) for b in drawing.bends
        ),
        scenery=tuple(
            Scenery(kind=s.kind, points=tuple(map(move, s.points)), width=s.width)
            for s in drawing.scenery
        ),
    )


def _span(values: Iterable[float]) -> tuple[float, float]:
    listed = list(values)
    return min(listed), max(listed)
