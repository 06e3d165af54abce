"""One map, made ready to be asked about: what all questions about it share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count as numbers
from random import Random
from typing import TypeAlias, TypedDict

from rm_data.difficulty import of_map
from rm_data.ground import Ground, ground_of
from rm_rewards import Difficulty, Network


class Columns(TypedDict):
    """The fields of a question that only depend on its map."""

    country: str
    city: str
    figure: str | None
    network: str | None
    difficulty_city: Difficulty
    city_line_count: int
    city_transfer_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """Fewer questions of a type than were asked for, because the map does not have more.

    `difficulty` is empty for types without a quota by difficulty.
    """

    city: str
    type: str
    wanted: int
    made: int
    difficulty: str = ""

    def __str__(self) -> str:
        kind = f"{self.type} {self.difficulty}".strip()
        return f"{self.city}: {kind}: {self.made} of {self.wanted}"


Report: TypeAlias = Callable[[Shortfall], None]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A map with what the makers of questions need.

    Attributes:
        ground: What holds whatever is asked: the network, its routes, the stations to ask about.
        columns: The shared fields.
    """

    ground: Ground
    columns: Columns

    @property
    def network(self) -> Network:
        """The map, the only source of truth."""
        return self.ground.network

    @property
    def stations(self) -> tuple[str, ...]:
        """The ids of the stations that a question can name."""
        return self.ground.stations

    def ids(self, kind: str) -> Iterator[str]:
        """The ids of the questions of that type: `<country>/<city>/<type>/<n>`."""
        place = "/".join(filter(None, [self.columns["country"], self.columns["city"], kind]))
        return (f"{place}/{n}" for n in numbers())

    def random(self, seed: int, kind: str) -> Random:
        """Numbers that depend on seed, map and type alone: one type more changes no other."""
        return Random(f"{seed}/{self.columns['country']}/{self.columns['city']}/{kind}")


def sheet_of(
    network: Network, *, figure: str | None, network_path: str | None, transfers: int | None
) -> Sheet:
    """The sheet of a map.

    `transfers` is `city_transfer_count` where it is known from elsewhere; otherwise it is counted.
    """
    ground = ground_of(network)
    visits = ground.visits if transfers is None else transfers
    return Sheet(
        ground,
        Columns(
            country=network.country,
            city=network.city,
            figure=figure,
            network=network_path,
            difficulty_city=of_map(len(network.lines), visits),
            city_line_count=len(network.lines),
            city_transfer_count=visits,
        ),
    )
