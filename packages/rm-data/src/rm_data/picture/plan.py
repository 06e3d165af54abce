"""A map in heights of its label text: lines, markers, names and badges in their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from rm_data.layout import Layout, Point
from rm_data.picture.faults import Obstacles
from rm_data.picture.labels import Item, items_and_sites
from rm_data.picture.look import Look
from rm_data.picture.markers import Marker, markers
from rm_data.picture.overlap import Floats
from rm_data.picture.placement import Placed, place
from rm_data.picture.tracks import Drawn, draw_lines
from rm_rewards import Network, RecordError

MOST_STATIONS: Final = 3000
"""The check of labels against each other takes memory that grows with the square."""
_FARTHEST: Final = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything on the map except title and legend; one unit is the height of label text.

    Attributes:
        layout: Where stations lie, in the same unit.
        drawn: The lines.
        markers: One a station, in the order of the network.
        names: By station.
        badges: (line, place), in the order of the network.
    """

    layout: Layout
    drawn: Drawn
    markers: tuple[Marker, ...]
    names: Mapping[str, Placed]
    badges: tuple[tuple[str, Placed], ...]


def plan_of(network: Network, layout: Layout, look: Look, *, seed: int) -> Plan:
    """The plan of a map.

    Raises:
        RecordError: If a station has no place, or a name has a character that no font has, or
            there are no stations, or too many.
    """
    _check(network, layout)
    paper = _enlarged(layout, 1 / look.text)
    drawn = draw_lines(network, paper, pitch=look.line_width + look.gap, bend=look.bend)
    around = markers(network, drawn.slots, look)
    items, sites = items_and_sites(network, drawn, look)
    near = _beside(network, items)
    placed = place(sites, obstacles(drawn, around, look), beside=near, seed=seed)
    pairs: list[tuple[Item, Placed]] = list(zip(items, placed, strict=True))
    return Plan(
        layout=paper,
        drawn=drawn,
        markers=around,
        names={item.key: spot for item, spot in pairs if not item.badge},
        badges=tuple((item.key, spot) for item, spot in pairs if item.badge),
    )


def _check(network: Network, layout: Layout) -> None:
    count = len(network.stations)
    if not 0 < count <= MOST_STATIONS:
        raise RecordError("stations", count, f"1 to {MOST_STATIONS} stations on one map")
    for stop in network.names:
        if stop not in layout.positions:
            raise RecordError("positions", stop, f"a place for every station of {network.city}")
        _check_point(f"positions[{stop!r}]", layout.positions[stop])
    for track, points in layout.bends.items():
        for point in points:
            _check_point(f"bends[{track!r}]", point)


def _check_point(name: str, point: Point) -> None:
    if not max(abs(point[0]), abs(point[1])) < _FARTHEST:  # also: not a number
        raise RecordError(name, point, f"numbers below {_FARTHEST:g}")


def _beside(network: Network, items: Sequence[Item]) -> dict[int, list[int]]:
    """For each name the names of the stations one stop away."""
    number = {item.key: index for index, item in enumerate(items) if not item.badge}
    found: dict[int, list[int]] = {}
    for stop, index in number.items():
        lines = network.lines_at[stop]
        near = {other for line in lines for other in network.neighbours[line][stop]}
        found[index] = sorted(number[other] for other in near)
    return found


def obstacles(drawn: Drawn, around: Sequence[Marker], look: Look) -> Obstacles:
    """What names keep clear of."""
    ends = [
        (*a, *b) for paths in drawn.polylines.values() for path in paths for a, b in pairwise(path)
    ]
    data: Floats = np.array(ends, dtype=np.float64).reshape(len(ends), 4)
    half = np.full(len(ends), look.line_width / 2)
    return Obstacles(
        a=data[:, :2], b=data[:, 2:], half_width=half, markers=around, between=look.label_room
    )


def _enlarged(layout: Layout, by: float) -> Layout:
    return Layout(
        positions={stop: _times(point, by) for stop, point in layout.positions.items()},
        bends={
            track: tuple(_times(point, by) for point in points)
            for track, points in layout.bends.items()
        },
    )


def _times(point: Point, by: float) -> Point:
    return (point[0] * by, point[1] * by)
