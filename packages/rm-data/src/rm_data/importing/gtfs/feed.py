"""A network out of a feed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Final

from rm_data.importing.gtfs.archive import Feed, open_feed
from rm_data.importing.gtfs.lines import Group, groups_of, lines_of
from rm_data.importing.gtfs.patterns import Patterns, read_patterns
from rm_data.importing.gtfs.routes import read_routes, read_trips
from rm_data.importing.gtfs.stops import FeedStop, positions, read_stops, shown_name, station_of
from rm_data.importing.gtfs.tables import Table
from rm_data.importing.network_files import Terms
from rm_rewards import Line, Network, RecordError, Station

OPEN_TERMS: Final = Terms()
"""As the feed says."""

_AGENCY: Final = ("agency_id", "agency_name")


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
    groups = groups_of(routes, patterns, station)
    lines = lines_of(groups, agencies)
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


def _stations(
    lines: Iterable[Line], stops: Mapping[str, FeedStop], station: Mapping[str, str]
) -> tuple[Station, ...]:
    """The stations of the lines; names of their platforms that differ are their aliases."""
    others: dict[str, dict[str, None]] = {}
    for stop, top in station.items():
        others.setdefault(top, {})[stops[stop].name] = None
    made: dict[str, Station] = {}
    for stop in (stop for line in lines for path in line.paths for stop in path):
        full = stops[stop].name or next(filter(None, others[stop]), stop)
        name = full if stops[stop].parent else shown_name(full)
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
    groups: Sequence[Group],
    lines: Sequence[Line],
) -> tuple[str, ...]:
    notes: list[str] = []
    if calendars:
        files = " and ".join(calendars)
        notes.append(f"{files}: not read; trips count whatever the days that they run")
    if others:
        notes.append(f"routes.txt: {others} routes of other types were left out; see --route-types")
    idle = wanted - sum(len(group.routes) for group in groups)
    notes.extend(
        f"routes.txt: {' and '.join(dict.fromkeys(r.shown for r in group.routes))} are one line"
        for group in groups
        if len({route.shown for route in group.routes}) > 1
    )
    if idle or len(groups) > len(lines):
        left = idle + len(groups) - len(lines)
        notes.append(f"routes.txt: {left} routes without a trip between two stations were left out")
    return tuple(notes)
