"""The network that a picture shows, read from its pixel truth alone: a check of the drawing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from math import hypot
from typing import TypeAlias

from rm_data.picture import LineTruth, PixelTruth, StationTruth
from rm_rewards import Network

Point: TypeAlias = tuple[float, float]
Neighbours: TypeAlias = dict[str, dict[str, set[str]]]


def drawn_neighbours(truth: PixelTruth) -> Neighbours:
    """`[line][station]`: the stations that come next along the line as it is drawn.

    A station is on a line where the line's middle passes through its marker.
    """
    return {name: _of_line(line, truth) for name, line in truth.lines.items()}


def _of_line(line: LineTruth, truth: PixelTruth) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for points in line.polylines:
        ordered = sorted(_passes(points, truth.stations))
        passed = [stop for stop, _ in groupby(ordered, key=lambda at: at[1])]
        for stop in passed:
            found.setdefault(stop, set())
        for a, b in pairwise(passed):
            found[a].add(b)
            found[b].add(a)
    return found


def _passes(
    points: Sequence[Point], stations: Mapping[str, StationTruth]
) -> Iterator[tuple[float, str]]:
    """Where along the polyline each station is passed; a loop passes its first station twice."""
    gone = 0.0
    for a, b in pairwise(points):
        length = hypot(b[0] - a[0], b[1] - a[1])
        for stop, station in stations.items():
            share = _inside(a, b, station)
            if share is not None:
                yield gone + share * length, stop
        gone += length


def _inside(a: Point, b: Point, station: StationTruth) -> float | None:
    """The share of the segment at which it is nearest to the middle of a marker that it crosses."""
    left, top, right, bottom = station.bounds
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    if square == 0:
        return None
    x, y = station.centre
    share = min(1.0, max(0.0, ((x - a[0]) * dx + (y - a[1]) * dy) / square))
    near = (a[0] + share * dx, a[1] + share * dy)
    if left - 0.5 <= near[0] <= right + 0.5 and top - 0.5 <= near[1] <= bottom + 0.5:
        return share
    return None


def unjoined(network: Network) -> list[str]:
    """The differences that every picture has: stops of a line whose neighbours are not known."""
    return [
        f"{line}: {stop} is not on it"
        for line, by_stop in network.neighbours.items()
        for stop in sorted(by_stop)
        if not by_stop[stop]
    ]


def differences(network: Network, truth: PixelTruth) -> list[str]:
    """What the picture shows otherwise than the network has it; empty where both agree."""
    drawn = drawn_neighbours(truth)
    found: list[str] = []
    for line, by_stop in network.neighbours.items():
        shown = drawn.get(line, {})
        for stop in sorted({*by_stop, *shown}):
            wanted, got = set(by_stop.get(stop, ())), shown.get(stop)
            if got is None:
                found.append(f"{line}: {stop} is not on it")
            elif stop not in by_stop:
                found.append(f"{line}: passes through {stop}")
            elif wanted != got:
                found.append(f"{line}: beside {stop} {sorted(got)}, not {sorted(wanted)}")
    return found
