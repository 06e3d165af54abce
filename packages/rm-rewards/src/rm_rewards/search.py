"""All best routes between two places: fewest lines ridden, and among those the fewest stops."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count, islice
from math import inf
from typing import Final, NamedTuple

from rm_rewards.directory import Directory

_MOST_ROUTES: Final = 64


class Ride(NamedTuple):  # a tuple: a third of the time of a dataclass to make and to compare
    """One leg after its names have been looked up: a line and two places of a `Directory`."""

    line: str
    departure: str
    arrival: str


@dataclass(slots=True)
class _Reached:
    stops: int
    last: list[Ride]


def best_routes(directory: Directory, start: str, end: str) -> tuple[tuple[Ride, ...], ...]:
    """The best routes, at most 64 of them; empty if there is no way or the two are one place.

    Layer by layer, one more line each: a place where a route with the fewest lines changes can
    itself not be reached with fewer lines, so each layer needs only the places that are new to it.
    """
    if start == end or start not in directory.lines_at or end not in directory.lines_at:
        return ()
    reached: dict[str, _Reached] = {start: _Reached(0, [])}
    layer = [start]
    while layer and end not in reached:
        new: dict[str, _Reached] = {}
        for here in layer:
            _ride_from(directory, here, reached, new)
        reached.update(new)
        layer = sorted(new)
    if end not in reached:
        return ()
    return tuple(islice(_unwound(reached, end), _MOST_ROUTES))


def frontier(directory: Directory, start: str, end: str) -> tuple[tuple[int, int], ...]:
    """(lines ridden, stops) of the routes that none beats in both: fewer stops with each line more.

    Empty if there is no way or the two are one place. Stops count each station that is ridden to.
    """
    if start == end or start not in directory.lines_at or end not in directory.lines_at:
        return ()
    fewest, layer = {start: 0}, {start: 0}
    found: list[tuple[int, int]] = []
    for legs in count(1):
        new = _one_line_more(directory, layer, fewest)
        fewest |= new
        if end in new:
            found.append((legs, new[end]))
        layer = {place: stops for place, stops in new.items() if stops < fewest.get(end, inf)}
        if not layer:
            break
    return tuple(found)


def _one_line_more(
    directory: Directory, layer: Mapping[str, int], fewest: Mapping[str, int]
) -> dict[str, int]:
    """The places that one line more reaches with fewer stops than before."""
    new: dict[str, int] = {}
    for here, base in layer.items():
        for line in directory.lines_at[here]:
            for there, stops in _along(directory, line, here):
                if base + stops < min(fewest.get(there, inf), new.get(there, inf)):
                    new[there] = base + stops
    return new


def _ride_from(
    directory: Directory, here: str, reached: dict[str, _Reached], new: dict[str, _Reached]
) -> None:
    base = reached[here].stops
    for line in directory.lines_at[here]:
        for there, stops in _along(directory, line, here):
            if there in reached:
                continue
            ride, cost = Ride(line, here, there), base + stops
            known = new.get(there)
            if known is None or cost < known.stops:
                new[there] = _Reached(cost, [ride])
            elif cost == known.stops:
                known.last.append(ride)


def _along(directory: Directory, line: str, start: str) -> Iterator[tuple[str, int]]:
    near = directory.near[line]
    seen = {start}
    edge, stops = [start], 0
    while edge:
        stops += 1
        edge = sorted({there for here in edge for there in near[here]} - seen)
        seen.update(edge)
        yield from ((there, stops) for there in edge)


def _unwound(reached: dict[str, _Reached], end: str) -> Iterator[tuple[Ride, ...]]:
    rides = reached[end].last
    if not rides:
        yield ()
    for ride in rides:
        for before in _unwound(reached, ride.departure):
            yield (*before, ride)
