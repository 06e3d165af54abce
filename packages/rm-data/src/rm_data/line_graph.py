"""The graph of one line: distances on it, its shortest ways, and the stretches without a choice.

A line may branch, close a loop, or consist of pieces whose connection is not known. Everything here
follows `Network.neighbours`, never the order of a list.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping

Near = Mapping[str, Collection[str]]
"""The stations one stop away, by station."""


def stops_from(near: Near, start: str) -> dict[str, int]:
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


def _ways(near: Near, left: Mapping[str, int], here: str) -> Iterator[tuple[str, ...]]:
    if left.get(here) == 0:
        yield (here,)
    for there in near[here]:
        if here in left and left[there] == left[here] - 1:
            for rest in _ways(near, left, there):
                yield (here, *rest)


def without_choice(near: Near) -> dict[str, frozenset[str]]:
    """The line without the edges of its loops.

    Two stations that are joined in the result have exactly one simple way between them on the line,
    so the number of stops between them cannot be disputed. An edge stays if it is a bridge: if the
    line falls apart without it.
    """
    edges = sum(len(around) for around in near.values()) // 2
    if edges == len(near) - _pieces(near):
        return {stop: frozenset(around) for stop, around in near.items()}
    return {
        stop: frozenset(there for there in around if _is_bridge(near, stop, there))
        for stop, around in near.items()
    }


def _pieces(near: Near) -> int:
    seen: set[str] = set()
    count = 0
    for stop in near:
        if stop not in seen:
            count += 1
            seen.update(stops_from(near, stop))
    return count


def _is_bridge(near: Near, a: str, b: str) -> bool:
    cut: dict[str, set[str]] = {stop: set(around) for stop, around in near.items()}
    cut[a].discard(b)
    cut[b].discard(a)
    return b not in stops_from(cut, a)
