"""The paths of a line out of the patterns of its trips.

The most frequent pattern of each direction comes first. A pattern adds what no path has served so
far: each stretch of new stations, from the last station that is known to the next one, which is an
extension, a branch, or another way. Trips that skip stations or turn back early add nothing, and so
an express does not make neighbours of stations that are none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, TypeAlias

from rm_data.importing.draft import DraftLine
from rm_rewards import Line

Directions: TypeAlias = Iterable[Counter[tuple[str, ...]]]
"""For each direction: patterns of station ids, and how many trips ride them."""

_RARE: Final = 0.01
"""Patterns of a smaller share of the trips, such as those to a depot, make no line."""


def shaped(line: Line, directions: Directions) -> Line:
    """The line with the paths of these patterns; it has none if no trip serves two stations."""
    draft = DraftLine(line, [], loop=False)
    for pattern in _in_order(directions):
        for path in _new_paths(pattern, draft.stops()):
            draft.attach(path)
    paths = draft.paths
    ring = len(paths) == 2 and len(paths[0]) > 2 and paths[1] == [paths[0][-1], paths[0][0]]
    draft.paths, draft.loop = (paths[:1], True) if ring else (paths, False)
    return draft.made()


def _in_order(directions: Directions) -> Iterator[list[str]]:
    """The most frequent pattern of each direction, then the others but for rare ones."""
    first: list[tuple[int, tuple[str, ...]]] = []
    others: Counter[tuple[str, ...]] = Counter()
    for counts in directions:
        usual = min(counts, key=lambda pattern: (-counts[pattern], -len(pattern), pattern))
        least = _RARE * counts.total()
        first.append((-counts[usual], usual))
        others.update({p: n for p, n in counts.items() if p != usual and n >= least})
    rest = sorted(others, key=lambda pattern: (-others[pattern], -len(pattern), pattern))
    for _, pattern in sorted(first, key=lambda found: found[0]):
        yield [stop for stop, _ in groupby(pattern)]
    for pattern in rest:
        yield [stop for stop, _ in groupby(pattern)]


def _new_paths(pattern: Sequence[str], known: Collection[str]) -> Iterator[list[str]]:
    """Stretches of stations that are not known, with the known ones at their ends."""
    begun = 0
    for place, stop in enumerate(pattern):
        if stop in known:
            if place - begun > 1 or (place > begun and pattern[begun] not in known):
                yield from _simple(pattern[begun : place + 1])
            begun = place
    if begun < len(pattern) - 1:
        yield from _simple(pattern[begun:])


def _simple(path: Sequence[str]) -> Iterator[list[str]]:
    """The path in parts that serve no station twice."""
    begun = 0
    seen: set[str] = set()
    for place, stop in enumerate(path):
        if stop in seen:
            yield list(path[begun:place])
            yield list(path[place - 1 : place + 1])
            begun = place
            seen.clear()
        seen.add(stop)
    if begun < len(path) - 1:
        yield list(path[begun:])
