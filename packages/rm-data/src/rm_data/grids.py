"""Riding one line, for many stations of departure at once.

A ride is a sweep along each path of the line, forwards and backwards; where a line has several
paths, sweeps follow each other until nothing gets shorter. So loops and branches are exact, and the
work grows with the length of a line, not with its square.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rm_data.line_graph import stops_from
from rm_rewards import Line, Network, RecordError

Stops: TypeAlias = NDArray[np.int32]
"""Numbers of stops: one row a station of departure, one column a station of arrival."""

FAR: Final = 10_000_000
"""The number of stops, and of rides, between stations that are not connected."""

MOST: Final = 5_000
"""Of this many stations the routes between all pairs are worked out; they fill 0.1 GB a table."""


@dataclass(frozen=True)
class Grid:
    """One line, ready to be ridden.

    Attributes:
        name: The line.
        at: The columns of its stations in a table of all stations.
        paths: The places of the stations of each path within `at`; the path of a loop has been
            closed.
        piece: Which piece of the line each station is on; one, unless pieces do not meet.
        optimistic: Two stations of different pieces count as one stop apart.
    """

    name: str
    at: NDArray[np.intp]
    paths: tuple[NDArray[np.intp], ...]
    piece: NDArray[np.intp]
    optimistic: bool = False

    @property
    def joined(self) -> bool:
        """Whether all its pieces meet."""
        return not self.piece.any()

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Whether the way between two of its stations is known: they are on one piece."""
        return self.piece[:, None] == self.piece[None, :]

    @cached_property
    def stops(self) -> Stops:
        """The number of stops between all pairs of its stations; `FAR` where there is no way."""
        start = np.full((self.at.size, self.at.size), FAR, dtype=np.int32)
        np.fill_diagonal(start, 0)
        return np.minimum(self.ride(start), FAR)

    def ride(self, aboard: Stops) -> Stops:
        """The fewest stops to each of its stations after one ride.

        Args:
            aboard: Stops so far at each of its stations, `FAR` or more where nobody boards.
        """
        reached = aboard.copy()
        again = True
        while again:
            again = False
            for path in self.paths:
                again |= self._sweep(reached, path)
            again &= len(self.paths) > 1
        return self._across(aboard, reached) if self.optimistic and not self.joined else reached

    def _sweep(self, reached: Stops, path: NDArray[np.intp]) -> bool:
        """Ride along a path both ways; whether something got shorter."""
        before = reached[:, path]
        steps = np.arange(path.size, dtype=np.int32)
        onward = np.minimum.accumulate(before - steps, axis=1) + steps
        back = np.minimum.accumulate((before + steps)[:, ::-1], axis=1)[:, ::-1] - steps
        after = np.minimum(onward, back)
        if not (after < before).any():
            return False
        if path.size > 1 and path[0] == path[-1]:  # the two ends of a loop are one station
            after[:, 0] = after[:, -1] = np.minimum(after[:, 0], after[:, -1])
            reached[:, path] = after
            self._sweep(reached, path)
        else:
            reached[:, path] = after
        return True

    def _across(self, aboard: Stops, reached: Stops) -> Stops:
        """Also from one piece to another, which is one stop."""
        for piece in range(int(self.piece.max()) + 1):
            others = aboard[:, self.piece != piece].min(axis=1, initial=FAR)
            here = self.piece == piece
            reached[:, here] = np.minimum(reached[:, here], others[:, None] + 1)
        return reached


def grids_of(
    network: Network,
    index: Mapping[str, int],
    *,
    same: Mapping[str, str] | None = None,
    optimistic: bool = False,
) -> tuple[Grid, ...]:
    """The lines of a network as grids.

    Args:
        network: The map.
        index: The column of each station in a table of all stations.
        same: Stations to be taken for one, as {id: id that stands for it}.
        optimistic: Take two pieces of a line that do not meet for one stop apart.
    """
    one = same or {}
    return tuple(_grid(line, network, index, one, optimistic) for line in network.lines)


def _grid(
    line: Line,
    network: Network,
    index: Mapping[str, int],
    same: Mapping[str, str],
    optimistic: bool,
) -> Grid:
    near: dict[str, set[str]] = {}
    for stop, around in network.neighbours[line.name].items():
        near.setdefault(same.get(stop, stop), set()).update(same.get(s, s) for s in around)
    inside = {stop: i for i, stop in enumerate(near)}
    piece = np.zeros(len(near), dtype=np.intp)
    for number, members in enumerate(_pieces(near)):
        piece[[inside[stop] for stop in members]] = number
    return Grid(
        name=line.name,
        at=np.array([index[stop] for stop in near], dtype=np.intp),
        paths=tuple(
            np.array([inside[stop] for stop in path], dtype=np.intp)
            for path in _ridden(line, same)
            if len(path) > 1
        ),
        piece=piece,
        optimistic=optimistic,
    )


def _ridden(line: Line, same: Mapping[str, str]) -> Iterator[Sequence[str]]:
    """Its paths: a loop closed, and no station directly behind itself."""
    for path in line.paths:
        closed = (*path, path[0]) if line.loop and len(path) > 2 else path
        simple = [stop for stop, _ in groupby(same.get(s, s) for s in closed)]
        yield from _without_repeats(simple)


def _without_repeats(path: Sequence[str]) -> Iterator[Sequence[str]]:
    """The path in stretches that pass no station twice, but may end where they begin.

    A sweep writes each station of a stretch once.
    """
    begun = 0
    seen = set[str]()
    for place, stop in enumerate(path):
        if stop in seen:
            closing = stop == path[begun]
            stretch = path[begun : place + 1]
            yield from [stretch] if closing else [path[begun:place], path[place - 1 : place + 1]]
            begun = place
            seen = set[str]()
        seen.add(stop)
    yield path[begun:]


def _pieces(near: Mapping[str, set[str]]) -> Iterator[set[str]]:
    seen: set[str] = set()
    for stop in near:
        if stop not in seen:
            piece = set(stops_from(near, stop))
            seen |= piece
            yield piece


def refuse_size(network: Network) -> None:
    """Refuse all pairs of more stations than `MOST`.

    Raises:
        RecordError: If there are more.
    """
    if len(network.stations) > MOST:
        expected = f"at most {MOST:,} stations in {network.city}, to work out all pairs"
        raise RecordError("stations", len(network.stations), expected)
