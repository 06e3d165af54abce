"""A network out of a feed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final

from rm_data.importing.gtfs.archive import Feed, open_feed
from rm_data.importing.gtfs.patterns import Patterns, read_patterns
from rm_data.importing.gtfs.routes import FeedRoute, read_routes, read_trips
from rm_data.importing.gtfs.shape import shaped
from rm_data.importing.gtfs.stops import FeedStop, positions, read_stops, station_of
from rm_data.importing.gtfs.tables import Table
from rm_data.importing.network_files import Terms
from rm_rewards import Line, Network, RecordError, Station

OPEN_TERMS: Final = Terms()
"""As the feed says."""

_AGENCY: Final = ("agency_id", "agency_name")
_SAME: Final = 2
"""Stations that two routes of one name share if they are one line."""


@dataclass
class _Group:
    """Routes that are one line, and the patterns of their trips by direction."""

    routes: list[FeedRoute]
    directions: dict[str, Counter[tuple[str, ...]]]

    def stations(self) -> set[str]:
        return {stop for counts in self.directions.values() for p in counts for stop in p}


def read_gtfs(
    path: Path, *, types: frozenset[int], city: str, country: str, terms: Terms = OPEN_TERMS
) -> tuple[Network, tuple[str, ...]]:
    """The network of a feed, and what was left out, one line each.

    Args:
        path: The feed, a zip file.
        types: The types of routes that become lines.
        city: The name of the network.
        country: Where it is.
        terms: What the feed may be used for, as feeds do not say; and another source than what they
            say themselves.

    Raises:
        RecordError: Naming file, line, column, what was found and what was expected.
        OSError: If the file cannot be opened.
    """
    with open_feed(path) as feed:
        routes, others = read_routes(feed, types)
        patterns = read_patterns(feed, read_trips(feed, routes))
        used = {stop for way in _all_patterns(patterns) for stop in way}
        stops = read_stops(feed, used)
        station = station_of(stops, sorted(used), feed.where("stops.txt"))
        agencies = _agencies(feed)
        publisher, source = _source(feed, agencies)
        calendars = [name for name in ("calendar.txt", "calendar_dates.txt") if name in feed]
    groups = _groups(routes, patterns, station)
    lines = _lines(groups, agencies)
    if not lines:
        raise RecordError("trips", 0, "trips that serve two stations or more", where=str(path))
    network = Network(
        city=city,
        country=country,
        lines=lines,
        stations=_stations(lines, stops, station),
        source=terms.source or source,
        licence=terms.licence or f"not stated in the feed; ask {publisher}",
    )
    placed = replace(network, positions=_positions(network, stops))
    return placed, _notes(calendars, others, len(routes), groups, lines)


def _all_patterns(patterns: Patterns) -> Iterable[tuple[str, ...]]:
    return (
        way for directions in patterns.values() for counts in directions.values() for way in counts
    )


def _agencies(feed: Feed) -> dict[str, str]:
    if "agency.txt" not in feed:
        return {}
    return {row[0]: row[1] for row in Table(feed, "agency.txt", (), _AGENCY)}


def _source(feed: Feed, agencies: Mapping[str, str]) -> tuple[str, str]:
    """Who publishes the feed, and what to name as the source."""
    publisher = ", ".join(dict.fromkeys(filter(None, agencies.values()))) or "its publisher"
    version = ""
    if "feed_info.txt" in feed:
        columns = ("feed_publisher_name", "feed_publisher_url", "feed_version")
        for name, url, number in Table(feed, "feed_info.txt", (), columns):
            publisher = f"{name} ({url})" if name and url else name or publisher
            version = f", version {number}" if number else ""
    return publisher, f"GTFS feed {feed.path.name} of {publisher}{version}"


def _groups(
    routes: Sequence[FeedRoute], patterns: Patterns, station: Mapping[str, str]
) -> list[_Group]:
    """Routes of one agency and name that share stations are one line."""
    groups: list[_Group] = []
    for number, route in enumerate(routes):
        directions = {
            direction: Counter[tuple[str, ...]]() for direction in patterns.get(number, {})
        }
        for direction, counts in patterns.get(number, {}).items():
            for way, trips in counts.items():
                directions[direction][tuple(station[stop] for stop in way)] += trips
        new = _Group([route], directions)
        for group in groups:
            first = group.routes[0]
            alike = (first.agency, first.shown) == (route.agency, route.shown)
            if alike and len(group.stations() & new.stations()) >= _SAME:
                group.routes.append(route)
                for direction, counts in directions.items():
                    group.directions.setdefault(direction, Counter()).update(counts)
                break
        else:
            groups.append(new)
    return [group for group in groups if group.directions]


def _lines(groups: Iterable[_Group], agencies: Mapping[str, str]) -> tuple[Line, ...]:
    taken: set[str] = set()
    lines: list[Line] = []
    for group in groups:
        route = group.routes[0]
        names = (
            route.shown,
            f"{route.short} {route.long}".strip(),
            f"{route.shown} ({agencies.get(route.agency, route.agency)})",
            f"{route.shown} ({route.id})",
        )
        name = next((name for name in names if name not in taken), f"{names[-1]} {len(taken)}")
        colour = next((r.colour for r in group.routes if r.colour), "")
        aliases = (route.long,) if route.long not in {"", name} else ()
        directions = [group.directions[direction] for direction in sorted(group.directions)]
        line = shaped(Line(name=name, paths=(), colour=colour, aliases=aliases), directions)
        if line.paths:
            taken.add(name)
            lines.append(line)
    return tuple(lines)


def _stations(
    lines: Iterable[Line], stops: Mapping[str, FeedStop], station: Mapping[str, str]
) -> tuple[Station, ...]:
    """The stations of the lines; names of their platforms that differ are their aliases."""
    others: dict[str, dict[str, None]] = {}
    for stop, top in station.items():
        others.setdefault(top, {})[stops[stop].name] = None
    made: dict[str, Station] = {}
    for stop in (stop for line in lines for path in line.paths for stop in path):
        name = stops[stop].name or next(filter(None, others[stop]), stop)
        aliases = tuple(alias for alias in others[stop] if alias not in {"", name})
        made[stop] = Station(id=stop, name=name, aliases=aliases)
    return tuple(made.values())


def _positions(
    network: Network, stops: Mapping[str, FeedStop]
) -> dict[str, tuple[float, float]] | None:
    edges = [pair for line in network.lines for path in line.paths for pair in pairwise(path)]
    return positions(stops, network.names, edges)


def _notes(
    calendars: Sequence[str],
    others: int,
    wanted: int,
    groups: Sequence[_Group],
    lines: Sequence[Line],
) -> tuple[str, ...]:
    notes: list[str] = []
    if calendars:
        files = " and ".join(calendars)
        notes.append(f"{files}: not read; trips count whatever the days that they run")
    if others:
        notes.append(f"routes.txt: {others} routes of other types were left out; see --route-types")
    idle = wanted - sum(len(group.routes) for group in groups)
    if idle or len(groups) > len(lines):
        left = idle + len(groups) - len(lines)
        notes.append(f"routes.txt: {left} routes without a trip between two stations were left out")
    return tuple(notes)
