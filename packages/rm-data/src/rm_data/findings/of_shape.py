"""Lines whose shape is doubtful: loops that may be open, branches that may be glued to a trunk.

A list does not say so itself. What gives it away are the other lines of the map, and where stations
have positions, the distances. So these are doubts, to be confirmed or repaired by someone who knows
the map; without another line nearby and without positions nothing is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import dist
from statistics import median
from typing import Final

from rm_data.findings.finding import Finding, finding
from rm_data.findings.of_lines import listed_paths, whole_graph
from rm_rewards import Line, Network

_LONG: Final = 8
"""Stations of a line that may be a loop."""

_ROUND: Final = 4
"""A loop is at least so many times as long as the way between its ends by other lines."""

_NEAR: Final = 5
"""Stops between the ends of a loop, by other lines, at most."""

_SKIPPED: Final = 4
"""Stations between the fork and the branch in a list, at least: fewer is an express line."""

_FAR: Final = 3
"""A false edge is at least so many times as long as a usual one, and as the way from the fork."""


def of_shape(network: Network) -> Iterator[Finding]:
    """Doubts about loops and branches."""
    near = whole_graph(network)
    for line, path in listed_paths(network):
        if not line.loop and len(line.paths) == 1 and len(set(path)) >= _LONG:
            yield from _open_loop(network, line, path, near)
        yield from _shared_fork(network, line, path)
        yield from _distant(network, line, path)


def _open_loop(
    network: Network, line: Line, path: tuple[str, ...], near: Mapping[str, set[str]]
) -> Iterator[Finding]:
    first, last = path[0], path[-1]
    apart = _steps(near, first, last, _NEAR)
    if last not in near[first] and apart is not None and _ROUND * apart <= len(path):
        ends = f"{network.names[first]!r} and {network.names[last]!r}"
        message = f"its ends {ends} are {apart} stops apart by other lines: a loop?"
        yield finding("loop_open", message, line=line.name, station=network.names[last])


def _steps(near: Mapping[str, set[str]], start: str, end: str, most: int) -> int | None:
    """The stops from `start` to `end`, if there are no more than `most`."""
    seen = front = {start}
    for count in range(most + 1):
        if end in front:
            return count
        front = {there for stop in front for there in near[stop]} - seen
        seen = seen | front
    return None


def _lengths(network: Network, path: tuple[str, ...]) -> list[float]:
    """Of the edges of a path; empty where positions are not known."""
    places = network.positions or {}
    if any(stop not in places for stop in path):
        return []
    return [dist(places[a], places[b]) for a, b in pairwise(path)]


def _shared_fork(network: Network, line: Line, path: tuple[str, ...]) -> Iterator[Finding]:
    """Another line rides from a fork into the branch, past what the list has in between."""
    at = {stop: place for place, stop in enumerate(path)}
    for place, (before, stop) in enumerate(pairwise(path), start=1):
        for other in network.lines_at[stop]:
            near = network.neighbours[other]
            if other == line.name or before in near:
                continue
            for fork in sorted(near[stop] & at.keys(), key=at.__getitem__):
                if place - at[fork] > _SKIPPED and _parallel(path, near, at[fork], place):
                    yield _glued(network, line, before, stop, f"{other} rides there from", fork)


def _parallel(
    path: tuple[str, ...], near: Mapping[str, frozenset[str]], fork: int, place: int
) -> bool:
    """Whether the other line shares the track before the fork, and the one on the branch."""
    before = fork == 0 or path[fork - 1] in near[path[fork]]
    behind = place == len(path) - 1 or path[place + 1] in near[path[place]]
    return before and behind and (fork > 0 or place < len(path) - 1)


def _distant(network: Network, line: Line, path: tuple[str, ...]) -> Iterator[Finding]:
    """An edge that is far longer than the others, though the line has a station nearby."""
    lengths = _lengths(network, path)
    if len(lengths) < _LONG:
        return
    places, usual = network.positions or {}, median(lengths)
    for place, length in enumerate(lengths, start=1):
        if length > _FAR * usual:
            stop = path[place]
            nearby = [s for s in path[: place - 1] if dist(places[s], places[stop]) * _FAR < length]
            if nearby:
                fork = min(nearby, key=lambda s: dist(places[s], places[stop]))
                yield _glued(network, line, path[place - 1], stop, "it lies next to", fork)


def _glued(
    network: Network, line: Line, before: str, stop: str, because: str, fork: str
) -> Finding:
    names = network.names
    message = (
        f"does it follow {names[before]!r}, or does a branch begin here? {because} {names[fork]!r}"
    )
    return finding("branch_unmarked", message, line=line.name, station=names[stop])
