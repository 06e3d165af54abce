"""The graph of one line: distances on it, its shortest ways, and the stretches without a choice.

A line may branch, close a loop, or consist of pieces whose connection is not known. Everything here
follows `Network.neighbours`, never the order of a list.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from typing import TypeVar

Near = Mapping[str, Collection[str]]
"""The stations one stop away, by station."""

Stop = TypeVar("Stop")


def stops_from(near: Mapping[Stop, Collection[Stop]], start: Stop) -> dict[Stop, int]:
    """The number of stops to ride from `start` to each station that can be reached on the line."""
    found = {start: 0}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        for there in near[here]:
            if there not in found:
                found[there] = found[here] + 1
                queue.append(there)
    return found


def shortest_ways(near: Near, start: str, end: str) -> tuple[tuple[str, ...], ...]:
    """All the shortest ways from `start` to `end`, both included; more than one on a loop.

    They are sorted by station ids, so that the result never depends on the order of a set.
    """
    return tuple(sorted(_ways(near, stops_from(near, end), start)))


def _ways(near: Near, left: Mapping[str, int], start: str) -> Iterator[tuple[str, ...]]:
    """Follow `left`, the stops that are left to ride, down to 0."""
    begun = [[start]]
    while begun:
        way = begun.pop()
        while ahead := left.get(way[-1], 0):
            onward = [there for there in near[way[-1]] if left[there] == ahead - 1]
            begun.extend([*way, there] for there in onward[1:])
            way.append(onward[0])
        if way[-1] in left:
            yield tuple(way)


def without_choice(near: Near) -> dict[str, frozenset[str]]:
    """The line without the edges of its loops.

    Two stations that are joined in the result have exactly one simple way between them on the line,
    so the number of stops between them cannot be disputed. An edge stays if it is a bridge: if the
    line falls apart without it.
    """
    left: dict[str, set[str]] = {stop: set() for stop in near}
    for a, b in _bridges(near):
        left[a].add(b)
        left[b].add(a)
    return {stop: frozenset(around) for stop, around in left.items()}


def _bridges(near: Near) -> Iterator[tuple[str, str]]:
    """The edges without which the line falls apart (Tarjan 1974, in time linear in the edges).

    Every station gets a number when a walk first comes to it. The walk goes back over an edge that
    is a bridge if nothing behind the edge leads to a station with a lower number.
    """
    number: dict[str, int] = {}
    for root in near:
        if root not in number:
            yield from _bridges_from(near, root, number)


def _bridges_from(near: Near, root: str, number: dict[str, int]) -> Iterator[tuple[str, str]]:
    number[root] = len(number)
    lowest = {root: number[root]}
    walk = [("", root, iter(near[root]))]
    while walk:
        came, here, onward = walk[-1]
        there = next(onward, None)
        if there is None:
            walk.pop()
            if walk:
                lowest[came] = min(lowest[came], lowest[here])
                if lowest[here] > number[came]:
                    yield came, here
        elif there not in number:
            number[there] = lowest[there] = len(number)
            walk.append((here, there, iter(near[there])))
        elif there != came:
            lowest[here] = min(lowest[here], number[there])
