"""Which line runs beside which: the order of lines on the tracks that they share.

A track between two stations has a direction of its own, and neighbouring tracks of a corridor the
same one, so that "left" means the same along the whole corridor. Two lines lie in the order in
which they leave the corridor: the one that turns off to the right runs on the right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import sqrt
from typing import TypeAlias

from rm_data.layout import Layout, Point
from rm_rewards import Line, Network

Track: TypeAlias = tuple[str, str]
"""Two neighbouring stations, in the direction of the track."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corridors:
    """Where lines run on tracks.

    Attributes:
        places: For each track in its direction and each line on it: its place, in tracks to the
            right of the middle (-0.5 and 0.5 for two lines).
    """

    places: Mapping[Track, Mapping[str, float]]

    def offset(self, line: str, a: str, b: str) -> float:
        """The place of the line on its way from `a` to `b`, to the right of that way."""
        if (a, b) in self.places:
            return self.places[a, b][line]
        return -self.places[b, a][line]


def hops(line: Line) -> Iterator[Track]:
    """Each step of the line's paths in riding order, a loop closed."""
    for path in line.paths:
        closing = [(path[-1], path[0])] if line.loop and len(path) > 2 else []
        yield from ((a, b) for a, b in [*pairwise(path), *closing] if a != b)


def corridors(network: Network, layout: Layout) -> Corridors:
    """The order of lines on all tracks."""
    on: dict[Track, list[str]] = {}
    for line in network.lines:
        for a, b in hops(line):
            track = (b, a) if (b, a) in on else (a, b)
            names = on.setdefault(track, [])
            if line.name not in names:
                names.append(line.name)
    shared = {track: names for track, names in on.items() if len(names) > 1}
    turned = _directed(shared)
    places: dict[Track, dict[str, float]] = {}
    for track, names in on.items():
        way = _back(track) if turned.get(track, False) else track
        ordered = _ordered(network, layout, way, names) if len(names) > 1 else names
        middle = (len(names) - 1) / 2
        places[way] = {name: place - middle for place, name in enumerate(ordered)}
    return Corridors(places=places)


def _directed(shared: Mapping[Track, Sequence[str]]) -> dict[Track, bool]:
    """Whether each shared track runs against its key, so that corridors run one way throughout."""
    touching: dict[str, list[Track]] = {}
    for track in shared:
        for stop in track:
            touching.setdefault(stop, []).append(track)
    turned: dict[Track, bool] = {}
    for root in shared:
        turned.setdefault(root, False)
        waiting = [root]
        while waiting:
            track = waiting.pop()
            for stop, near in _continued(track, shared, touching):
                if near not in turned:
                    arrives = (track[0] == stop) == turned[track]  # its direction leads to `stop`
                    turned[near] = (near[0] == stop) != arrives
                    waiting.append(near)
    return turned


def _continued(
    track: Track, shared: Mapping[Track, Sequence[str]], touching: Mapping[str, Sequence[Track]]
) -> Iterator[tuple[str, Track]]:
    """The tracks that two or more of its lines run on to, each with the station between."""
    for stop in track:
        for near in touching[stop]:
            if len(set(shared[track]) & set(shared[near])) > 1:
                yield stop, near


def _ordered(network: Network, layout: Layout, way: Track, names: Sequence[str]) -> list[str]:
    """From left to right along `way`."""
    score = dict.fromkeys(names, 0)
    for left, right in combinations(names, 2):
        side = _side(network, layout, way, left, right)
        score[left] += side
        score[right] -= side
    return sorted(names, key=lambda name: (score[name], names.index(name)))


def _side(network: Network, layout: Layout, way: Track, a: str, b: str) -> int:
    """1 if line `a` belongs to the right of `b` along `way`, -1 to the left, 0 if all the same."""
    ahead = _turn_off(network, layout, way, a, b)
    if ahead:
        return ahead
    return -_turn_off(network, layout, _back(way), a, b)


def _turn_off(network: Network, layout: Layout, way: Track, a: str, b: str) -> int:
    """As `_side`, by where the two lines part ahead."""
    before, here = way
    start = way
    for _ in range(len(network.names) + 1):
        onward_a = network.neighbours[a][here] - {before}
        onward_b = network.neighbours[b][here] - {before}
        common = onward_a & onward_b
        if len(common) != 1:  # a branch that leaves a common way crosses the other line, if it must
            only_a, only_b = onward_a - onward_b, onward_b - onward_a
            turn_a = _turn(layout, before, here, min(only_a, default=None))
            turn_b = _turn(layout, before, here, min(only_b, default=None))
            return (turn_a > turn_b) - (turn_a < turn_b)
        before, here = here, min(common)
        if (before, here) == start:
            return 0  # the two are loops around the same stations
    return 0


def _back(track: Track) -> Track:
    return (track[1], track[0])


def _turn(layout: Layout, before: str, here: str, after: str | None) -> float:
    """How far the way turns to the right at `here`: -2 to 2, growing with the angle."""
    if after is None:
        return 0.0
    came, goes = layout.track(before, here), layout.track(here, after)
    ux, uy = direction(came[-2], came[-1])
    vx, vy = direction(goes[0], goes[1])
    cross, dot = ux * vy - uy * vx, ux * vx + uy * vy
    return (1 - dot) if cross >= 0 else (dot - 1)


def direction(a: Point, b: Point) -> Point:
    """The unit vector from `a` to `b`; (1, 0) where both are the same place."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = sqrt(dx * dx + dy * dy)
    return (dx / length, dy / length) if length else (1.0, 0.0)
