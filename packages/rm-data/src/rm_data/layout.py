"""Where a network lies on paper: the places of its stations, and the bends between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from rm_rewards import Network, RecordError

Point: TypeAlias = tuple[float, float]
"""(x, y): x to the right, y down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the stations of a network lie, in units of a grid.

    Attributes:
        positions: The place of each station, by its id.
        bends: For two neighbours `(a, b)` the points that their track passes on the way from a to
            b, ends not included. A pair stands in one order only; a pair that is absent is joined
            by a straight track. All lines between the two share the track.
    """

    positions: Mapping[str, Point]
    bends: Mapping[tuple[str, str], tuple[Point, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )

    def track(self, a: str, b: str) -> tuple[Point, ...]:
        """The points from station `a` to its neighbour `b`, both ends included."""
        between = self.bends.get((a, b))
        if between is None:
            between = self.bends.get((b, a), ())[::-1]
        return (self.positions[a], *between, self.positions[b])


def layout_of(network: Network) -> Layout:
    """The layout that a network brings along: its positions, joined by straight tracks.

    Raises:
        RecordError: If a station has no position.
    """
    places = network.positions or {}
    for stop in network.names:
        if stop not in places:
            raise RecordError(
                "positions", stop, f"a place on the map for every station of {network.city}"
            )
    return Layout(positions=places)
