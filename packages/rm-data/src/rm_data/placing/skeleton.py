"""The skeleton of a network: stations where something happens, and the stretches between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from rm_rewards import Network

LONGEST: Final = 4
"""Stops inside a stretch at the most: a longer one is cut, so that it can go round corners."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of track without junctions: its two ends, and the stops between them in order."""

    start: str
    end: str
    stops: tuple[str, ...] = ()

    @property
    def needs(self) -> int:
        """Steps of the grid that it takes to keep all stations one step apart."""
        return len(self.stops) + 1


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A network without the stops at which nothing happens.

    Attributes:
        knots: Ends of lines, junctions, and stops where long stretches are cut.
        stretches: The tracks between knots; lines that ride together share one.
        through: For each knot the pairs of stretches (by number) that a line rides one after the
            other, so that it should go straight on.
        near: All stations one stop away, on whatever line.
    """

    knots: tuple[str, ...]
    stretches: tuple[Stretch, ...]
    through: Mapping[str, tuple[tuple[int, int], ...]]
    near: Mapping[str, tuple[str, ...]]


def skeleton_of(network: Network) -> Skeleton:
    """The skeleton of a network; stations that no line joins to another are left out."""
    near = _near(network)
    knots = _knots(network, near)
    stretches = tuple(
        piece for stretch in [*_stretches(near, knots)] for piece in _cut(stretch, knots)
    )
    return Skeleton(
        knots=tuple(knots),
        stretches=stretches,
        through=_through(network, stretches),
        near={stop: tuple(around) for stop, around in near.items()},
    )


def _near(network: Network) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for by_stop in network.neighbours.values():
        for stop, around in by_stop.items():
            kept = found.setdefault(stop, [])
            kept += [other for other in sorted(around) if other not in kept]
    order = {stop: place for place, stop in enumerate(network.names)}
    return {stop: sorted(found[stop], key=order.__getitem__) for stop in order if found.get(stop)}


def _knots(network: Network, near: Mapping[str, Sequence[str]]) -> dict[str, None]:
    """Where tracks end or meet, where a line ends, or where the lines are other ones than before.

    A loop without such a stop gets some when it is cut.
    """
    knots = {stop: None for stop, around in near.items() if len(around) != 2}
    for stop, around in near.items():
        served = [
            {line for line, by in network.neighbours.items() if other in by.get(stop, ())}
            for other in around
        ]
        if any(lines != served[0] for lines in served):
            knots[stop] = None
    lonely = _whole_loops(near, knots)
    knots.update((stop, None) for stop in lonely)
    return knots


def _whole_loops(near: Mapping[str, Sequence[str]], knots: Mapping[str, None]) -> Iterator[str]:
    """One stop of each loop that has no knot."""
    seen = set(knots)
    for stop in near:
        if stop in seen:
            continue
        part, wave = {stop}, [stop]
        while wave:
            for other in near[wave.pop()]:
                if other not in part:
                    part.add(other)
                    if other not in knots:
                        wave.append(other)
        seen |= part
        if not part & set(knots):
            yield stop


def _stretches(near: Mapping[str, Sequence[str]], knots: Mapping[str, None]) -> Iterator[Stretch]:
    done: set[frozenset[str]] = set()
    for knot in knots:
        for first in near[knot]:
            way = [knot, first]
            while way[-1] not in knots:
                ahead = [stop for stop in near[way[-1]] if stop != way[-2]]
                way.append(ahead[0])
            steps = frozenset((way[0], way[1])), frozenset((way[-1], way[-2]))
            if not done.intersection(steps):
                yield Stretch(way[0], way[-1], tuple(way[1:-1]))
            done.update(steps)


def _cut(stretch: Stretch, knots: dict[str, None]) -> Iterator[Stretch]:
    """The stretch in pieces of `LONGEST` stops at the most; a loop in three at least."""
    least = 3 if stretch.start == stretch.end else 1
    count = max(least, -(-(len(stretch.stops) + 1) // (LONGEST + 1)))
    way = [stretch.start, *stretch.stops, stretch.end]
    cuts = [round(i * (len(way) - 1) / count) for i in range(count + 1)]
    for a, b in pairwise(cuts):
        knots.setdefault(way[a])
        knots.setdefault(way[b])
        yield Stretch(way[a], way[b], tuple(way[a + 1 : b]))


def _through(
    network: Network, stretches: Sequence[Stretch]
) -> dict[str, tuple[tuple[int, int], ...]]:
    leaving: dict[tuple[str, str], int] = {}
    for number, stretch in enumerate(stretches):
        way = [stretch.start, *stretch.stops, stretch.end]
        leaving[way[0], way[1]] = number
        leaving[way[-1], way[-2]] = number
    found: dict[str, dict[tuple[int, int], None]] = {}
    for line in network.lines:
        for path in line.paths:
            ridden = [*path, *path[:2]] if line.loop and len(path) > 2 else list(path)
            for before, stop, after in zip(ridden, ridden[1:], ridden[2:], strict=False):
                a, b = leaving.get((stop, before)), leaving.get((stop, after))
                if a is not None and b is not None and before != after:
                    found.setdefault(stop, {})[min(a, b), max(a, b)] = None
    return {stop: tuple(pairs) for stop, pairs in found.items()}
