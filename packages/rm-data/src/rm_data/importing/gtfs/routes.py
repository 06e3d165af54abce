"""The routes of a feed that are wanted, and which trip rides which."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rm_data.importing.gtfs.archive import Feed
from rm_data.importing.gtfs.tables import Table
from rm_rewards import RecordError

ROUTE_TYPES: Final[dict[str, frozenset[int]]] = {
    "tram": frozenset({0, *range(900, 907)}),
    "metro": frozenset({1, *range(400, 405)}),
    "rail": frozenset({2, *range(100, 118)}),
    "bus": frozenset({3, *range(700, 717)}),
    "monorail": frozenset({12, 405}),
}
"""The types of routes by name: those of the specification, and the extended ones."""

DEFAULT_TYPES: Final = "metro,tram"

_HEX: Final = re.compile(r"#?([0-9a-fA-F]{6})")


@dataclass(frozen=True, slots=True)
class FeedRoute:
    """A route: `short` and `long` are its two names, of which one may be empty."""

    id: str
    agency: str
    short: str
    long: str
    colour: str

    @property
    def shown(self) -> str:
        """What the map calls it."""
        return self.short or self.long or self.id


@dataclass(frozen=True, slots=True)
class Trips:
    """The wanted trips: which route, and in which of its two directions."""

    route: dict[str, int]
    direction: dict[str, str]


def route_types(text: str) -> frozenset[int]:
    """The types that a user asks for: names and numbers with commas between them.

    >>> sorted(route_types("1,monorail"))
    [1, 12, 405]

    Raises:
        RecordError: For an unknown name.
    """
    found: set[int] = set()
    for part in (part.strip() for part in text.split(",")):
        if part.isdecimal() and part.isascii() and len(part) < 6:
            found.add(int(part))
        elif part in ROUTE_TYPES:
            found |= ROUTE_TYPES[part]
        else:
            known = ", ".join(ROUTE_TYPES)
            raise RecordError("--route-types", part, f"numbers, or {known}, with commas")
    return frozenset(found)


def read_routes(feed: Feed, types: frozenset[int]) -> tuple[list[FeedRoute], int]:
    """The routes of these types in the order of the feed, and how many others there are.

    Raises:
        RecordError: For a type that is no number, an id that stands twice, or a feed without a
            route of these types, with those that it has.
    """
    table = Table(
        feed,
        "routes.txt",
        ("route_id", "route_type"),
        ("agency_id", "route_short_name", "route_long_name", "route_color"),
    )
    found: dict[str, FeedRoute] = {}
    others: dict[int, int] = {}
    for route, kind, agency, short, long, colour in table:
        if not (kind.isascii() and kind.isdecimal() and len(kind) < 6):
            raise table.error("route_type", kind, "a number")
        if route in found:
            raise table.error("route_id", route, "each route once")
        if int(kind) in types:
            hexed = _HEX.fullmatch(colour)
            names = [" ".join(name.split()) for name in (short, long)]
            found[route] = FeedRoute(
                route, agency, *names, colour=f"#{hexed[1].lower()}" if hexed else ""
            )
        else:
            others[int(kind)] = others.get(int(kind), 0) + 1
    if not found:
        there = ", ".join(f"{count} of type {kind}" for kind, count in sorted(others.items()))
        expected = f"a route of the types {', '.join(map(str, sorted(types)))}; see --route-types"
        raise RecordError("route_type", there or "no route", expected, where=table.where)
    return list(found.values()), sum(others.values())


def read_trips(feed: Feed, routes: list[FeedRoute]) -> Trips:
    """The trips of these routes.

    Raises:
        RecordError: For an id that stands twice.
    """
    table = Table(feed, "trips.txt", ("route_id", "trip_id"), ("direction_id",))
    place = {route.id: number for number, route in enumerate(routes)}
    trips = Trips({}, {})
    for route, trip, direction in table:
        if route in place:
            if trip in trips.route:
                raise table.error("trip_id", trip, "each trip once")
            trips.route[trip] = place[route]
            trips.direction[trip] = direction
    return trips
