"""One map, made ready to be asked about: what all questions about it share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeAlias, TypedDict

from rm_data.difficulty import of_map, transfer_visits
from rm_data.routes import RouteTable, table_of
from rm_data.spelling import spelled_alike
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
        network: The map, the only source of truth.
        table: All pairs, where doubtful connections count as good: lower bounds.
        alike: Stations with two spellings, {id: id of the first}; nothing is asked about them.
        stations: The ids of the stations that a question can name: their names are unambiguous and
            they are on a line.
        columns: The shared fields.
    """

    network: Network
    table: RouteTable
    alike: dict[str, str]
    stations: tuple[str, ...]
    columns: Columns

    def ids(self, kind: str, count: int) -> list[str]:
        """The ids of the questions of that type: `<country>/<city>/<type>/<n>`."""
        place = [self.columns["country"], self.columns["city"], kind]
        return ["/".join([*filter(None, place), str(n)]) for n in range(count)]

    def random(self, seed: int, kind: str) -> Random:
        """Numbers that depend on seed, map and type alone: one type more changes no other."""
        return Random(f"{seed}/{self.columns['country']}/{self.columns['city']}/{kind}")


def sheet_of(
    network: Network, *, figure: str | None, network_path: str | None, transfers: int | None
) -> Sheet:
    """The sheet of a map.

    `transfers` is `city_transfer_count` where it is known from elsewhere; otherwise it is counted.
    """
    alike = spelled_alike(network)
    times = Counter(network.names.values())
    visits = transfer_visits(network) if transfers is None else transfers
    return Sheet(
        network=network,
        table=_table(network, alike),
        alike=alike,
        stations=tuple(
            s.id
            for s in network.stations
            if times[s.name] == 1 and s.id not in alike and network.lines_at[s.id]
        ),
        columns=Columns(
            country=network.country,
            city=network.city,
            figure=figure,
            network=network_path,
            difficulty_city=of_map(len(network.lines), visits),
            city_line_count=len(network.lines),
            city_transfer_count=visits,
        ),
    )


def _table(network: Network, alike: dict[str, str]) -> RouteTable:
    """The plain table where nothing is doubtful, which is then shared with `routes`."""
    plain = table_of(network)
    if not alike and plain.joined:
        return plain
    return RouteTable(network, same=alike, optimistic=True)
