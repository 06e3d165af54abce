"""What holds for a map whatever is asked about it; worked out once and kept for a while."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Final, TypeVar, cast

from rm_data.difficulty import transfer_visits
from rm_data.findings.of_shape import of_shape
from rm_data.line_graph import stops_from
from rm_data.per_network import PerNetwork
from rm_data.routes import RouteTable, table_of
from rm_data.spelling import spelled_alike
from rm_rewards import Network

T = TypeVar("T")

LOOP_OPEN: Final = "loop_open"
"""The doubt whether a line is a loop whose closing edge the file lacks."""

_SMALL: Final = 64
"""Stations of a map that counts as small."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A map with what the makers of questions need.

    Attributes:
        network: The map, the only source of truth.
        table: All pairs, where doubtful connections count as good: lower bounds.
        alike: Stations with two spellings, {id: id of the first}; nothing is asked about them.
        stations: The ids of the stations that a question can name: their names are unambiguous and
            they are on a line.
        doubtful: Lines whose shape is in doubt, by the code of the doubt: those that may be loops
            (`loop_open`), and those with a branch that may be glued to them (`branch_unmarked`).
        visits: Entries of the lines' lists that are interchanges.
        lazy: Whether the map is so large that cards are drawn from lazy decks. The bytes of the
            questions about smaller maps rest on shuffling all of them.
        kept: What `per_map` remembers.
    """

    network: Network
    table: RouteTable
    alike: dict[str, str]
    stations: tuple[str, ...]
    doubtful: Mapping[str, str]
    visits: int
    lazy: bool
    kept: dict[object, object] = field(default_factory=dict[object, object])


def per_map(work: Callable[[Ground], T]) -> Callable[[Ground], T]:
    """The same function, which works each map out once."""

    @wraps(work)
    def remembered(ground: Ground) -> T:
        if work not in ground.kept:
            ground.kept[work] = work(ground)
        return cast("T", ground.kept[work])

    return remembered


def _worked_out(network: Network) -> Ground:
    alike = spelled_alike(network)
    times = Counter(network.names.values())
    stations = tuple(
        s.id
        for s in network.stations
        if times[s.name] == 1 and s.id not in alike and network.lines_at[s.id]
    )
    return Ground(
        network=network,
        table=_table(network, alike),
        alike=alike,
        stations=stations,
        doubtful={doubt.line: doubt.code for doubt in of_shape(network)},
        visits=transfer_visits(network),
        lazy=len(stations) > _SMALL,
    )


def _table(network: Network, alike: dict[str, str]) -> RouteTable:
    """The plain table where nothing is doubtful, which is then shared with `routes`."""
    if not alike and all(map(_is_in_one_piece, network.neighbours.values())):
        return table_of(network)
    return RouteTable(network, same=alike, optimistic=True)


def _is_in_one_piece(near: Mapping[str, frozenset[str]]) -> bool:
    return not near or len(stops_from(near, next(iter(near)))) == len(near)


ground_of = PerNetwork(_worked_out)
"""The ground of that network; those of the networks that came last are kept."""
