"""A layout for a network without coordinates: stress, grid, and stations spread along their way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from random import Random
from typing import Final

import numpy as np

from rm_data.cities.grid import Cell, leg
from rm_data.layout import Layout, Point
from rm_data.placing.board import Board, Way
from rm_data.placing.settle import settle
from rm_data.placing.skeleton import Skeleton, skeleton_of
from rm_data.placing.stress import Guide, guided, hops, octilinear_turn, stress_places
from rm_rewards import Network, RecordError

_SPREAD: Final = 1.15
"""Cells of the first layout for each stop of distance."""
_MOVES_A_KNOT: Final = 500


@dataclass(frozen=True, slots=True)
class Placed:
    """A layout, what it costs (`Board.cost`), and how many faults (`Board.faults`) are left."""

    layout: Layout
    cost: float
    faults: int


def place(
    network: Network, *, seed: int = 0, effort: float = 1.0, guide: Guide | None = None
) -> Placed:
    """Places for the stations of a network, from its topology and, if there is one, a guide.

    Two stations are neighbours on paper exactly where they are in the network; without a guide,
    compass directions mean nothing. The same network, seed and effort give the same layout.

    Args:
        network: The map. Parts that no line joins come side by side.
        seed: Another seed gives another layout.
        effort: How long to look, as a share of the usual time.
        guide: Places that the layout shall resemble; one that lacks a station is passed over.

    Raises:
        RecordError: If the network joins no two stations.
    """
    skeleton = skeleton_of(network)
    if not skeleton.stretches:
        raise RecordError("lines", network.city, "at least two stations that follow each other")
    board = _first_board(skeleton, seed, guide)
    moves = round(_MOVES_A_KNOT * effort * len(skeleton.knots))
    settle(board, Random(f"place:{network.city}:{seed}"), moves)
    return Placed(_layout(network, board), board.cost(), board.faults())


def _first_board(skeleton: Skeleton, seed: int, guide: Guide | None) -> Board:
    stops = tuple(skeleton.near)
    index = {stop: i for i, stop in enumerate(stops)}
    places = guided(guide, stops, skeleton.near) if guide is not None else None
    if places is None:
        places = stress_places(hops(skeleton.near, stops), seed)
        pairs = [
            (index[a], index[b]) for a, around in skeleton.near.items() for b in around if a < b
        ]
        places = octilinear_turn(places, pairs)
    places = places * _SPREAD
    taken: set[Cell] = set()
    at: dict[str, Cell] = {}
    for knot in sorted(skeleton.knots, key=lambda k: -len(skeleton.near[k])):
        x, y = places[index[knot]]
        at[knot] = _nearest_free(float(x), float(y), taken)
        taken.add(at[knot])
    ways: list[Way] = [
        leg(at[s.start], at[s.end], straight_first=True, share=0.5) for s in skeleton.stretches
    ]
    return Board(skeleton, {knot: at[knot] for knot in skeleton.knots}, ways)


def _nearest_free(x: float, y: float, taken: set[Cell]) -> Cell:
    column, row = round(x), round(y)
    for reach in range(len(taken) + 2):
        ring = [
            (column + dx, row + dy)
            for dx in range(-reach, reach + 1)
            for dy in range(-reach, reach + 1)
            if max(abs(dx), abs(dy)) == reach and (column + dx, row + dy) not in taken
        ]
        if ring:
            return min(ring, key=lambda cell: (hypot(cell[0] - x, cell[1] - y), cell))
    raise AssertionError("some ring is free: it has more cells than are taken")


def _layout(network: Network, board: Board) -> Layout:
    positions: dict[str, Point] = {knot: (float(x), float(y)) for knot, (x, y) in board.at.items()}
    bends: dict[tuple[str, str], tuple[Point, ...]] = {}
    for stretch, way in zip(board.skeleton.stretches, board.ways, strict=True):
        stops = [stretch.start, *stretch.stops, stretch.end]
        marks = np.linspace(0.0, _length(way), len(stops)).tolist()
        for stop, mark in zip(stops[1:-1], marks[1:-1], strict=True):
            positions[stop] = _at(way, mark)
        for (a, start), (b, end) in pairwise(zip(stops, marks, strict=True)):
            passed = _corners(way, start, end)
            if passed:
                bends[a, b] = passed
    _lonely(network, positions)
    return _from_corner(Layout(positions=positions, bends=bends))


def _length(way: Way) -> float:
    return sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(way))


def _at(way: Sequence[Cell], mark: float) -> Point:
    """The point at that distance along the way."""
    for a, b in pairwise(way):
        step = hypot(b[0] - a[0], b[1] - a[1])
        if mark <= step:
            share = mark / step
            return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)
        mark -= step
    return float(way[-1][0]), float(way[-1][1])


def _corners(way: Sequence[Cell], start: float, end: float) -> tuple[Point, ...]:
    """The corners of the way strictly between two distances along it."""
    passed: list[Point] = []
    gone = 0.0
    for a, b, c in zip(way, way[1:], way[2:], strict=False):
        gone += hypot(b[0] - a[0], b[1] - a[1])
        turns = (b[0] - a[0], b[1] - a[1]) != (c[0] - b[0], c[1] - b[1])
        if turns and start + 1e-6 < gone < end - 1e-6:
            passed.append((float(b[0]), float(b[1])))
    return tuple(passed)


def _lonely(network: Network, positions: dict[str, Point]) -> None:
    """Stations without neighbours stand in a row above the rest."""
    top = min((y for _, y in positions.values()), default=0.0) - 2
    left = min((x for x, _ in positions.values()), default=0.0)
    for number, stop in enumerate(s for s in network.names if s not in positions):
        positions[stop] = (left + 3.0 * number, top)


def _from_corner(layout: Layout) -> Layout:
    """The layout moved so that its top left corner is (0, 0)."""
    points = [*layout.positions.values(), *(p for bend in layout.bends.values() for p in bend)]
    left, top = min(x for x, _ in points), min(y for _, y in points)

    def moved(point: Point) -> Point:
        return round(point[0] - left, 4), round(point[1] - top, 4)

    return Layout(
        positions={stop: moved(point) for stop, point in layout.positions.items()},
        bends={pair: tuple(map(moved, points)) for pair, points in layout.bends.items()},
    )
