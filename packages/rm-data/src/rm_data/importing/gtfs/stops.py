"""The stations of a feed: platforms are one station with their parent, or with their namesakes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import cos, hypot, isfinite, radians
from statistics import median
from typing import Final

from rm_data.importing.gtfs.archive import Feed
from rm_data.importing.gtfs.tables import Table
from rm_rewards import RecordError

_NEAR: Final = 300
"""Metres between stops of one name without a parent that are taken for one station."""

_PLATFORM: Final = re.compile(
    r"(?:_\d+)+$|\s*[-(,]?\s*\b(?:platform|track|(?:north|south|east|west|in|out)bound)\b\s*\w?\)?$",
    re.IGNORECASE,
)
"""What some feeds write behind the name of a station to name one of its platforms."""

_METRES: Final = 111_195
"""Of a degree of latitude."""

_LEVELS: Final = 3
"""A boarding area has a platform as its parent, and that a station."""


@dataclass(frozen=True, slots=True)
class FeedStop:
    """A row of `stops.txt`; `place` is (latitude, longitude), if it is given."""

    name: str
    parent: str
    place: tuple[float, float] | None


def read_stops(feed: Feed, used: set[str]) -> dict[str, FeedStop]:
    """The stops that trips serve, and all stations.

    Raises:
        RecordError: For an id that stands twice, a place that is none, or a stop that is missing.
    """
    table = Table(
        feed,
        "stops.txt",
        ("stop_id",),
        ("stop_name", "stop_lat", "stop_lon", "location_type", "parent_station"),
    )
    found: dict[str, FeedStop] = {}
    for stop, name, lat, lon, kind, parent in table:
        if stop in used or kind in {"", "0", "1"}:
            if stop in found:
                raise table.error("stop_id", stop, "each stop once")
            found[stop] = FeedStop(" ".join(name.split()), parent, _place(table, lat, lon))
    if missing := sorted(used - found.keys()):
        expected = "every stop that stop_times.txt names"
        raise RecordError("stop_id", f"no {missing[0]}", expected, where=feed.where("stops.txt"))
    return found


def _place(table: Table, lat: str, lon: str) -> tuple[float, float] | None:
    if not lat and not lon:
        return None
    for column, text, most in (("stop_lat", lat, 90), ("stop_lon", lon, 180)):
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not (isfinite(value) and abs(value) <= most):
            raise table.error(column, text, f"degrees from -{most} to {most}")
    return float(lat), float(lon)


def station_of(stops: Mapping[str, FeedStop], used: Iterable[str], where: str) -> dict[str, str]:
    """The id of the station of each stop: its parent, or the first of its namesakes nearby.

    Raises:
        RecordError: For a parent that is missing, or a stop that is its own.
    """
    found: dict[str, str] = {}
    alone: dict[str, list[str]] = {}
    for stop in used:
        station = _topmost(stops, stop, where)
        if station == stop and not stops[stop].parent:
            alone.setdefault(shown_name(stops[stop].name) or stop, []).append(stop)
        found[stop] = station
    for namesakes in alone.values():
        for number, stop in enumerate(namesakes):
            for first in namesakes[:number]:
                if found[first] == first and _metres(stops[first], stops[stop]) <= _NEAR:
                    found[stop] = first
                    break
    return found


def shown_name(name: str) -> str:
    """The name of a station out of that of a platform.

    >>> shown_name("Balderas_1_2"), shown_name("Zoo (Platform B)"), shown_name("Terminal 2")
    ('Balderas', 'Zoo', 'Terminal 2')
    """
    return _PLATFORM.sub("", name) or name


def _topmost(stops: Mapping[str, FeedStop], stop: str, where: str) -> str:
    here = stop
    for _ in range(_LEVELS):
        parent = stops[here].parent
        if not parent:
            return here
        if parent not in stops:
            raise RecordError("parent_station", parent, f"a stop; {here} names it", where=where)
        here = parent
    raise RecordError("parent_station", stops[here].parent, f"a station for {stop}", where=where)


def _metres(a: FeedStop, b: FeedStop) -> float:
    if a.place is None or b.place is None:
        return float("inf")
    (lat, lon), (other_lat, other_lon) = a.place, b.place
    east = _wrapped(other_lon - lon) * cos(radians((lat + other_lat) / 2))
    return _METRES * hypot(other_lat - lat, east)


def _wrapped(degrees: float) -> float:
    """A difference of longitudes, across the antimeridian if that is shorter."""
    return (degrees + 180) % 360 - 180


def positions(
    stops: Mapping[str, FeedStop],
    stations: Iterable[str],
    edges: Iterable[tuple[str, str]],
) -> dict[str, tuple[float, float]] | None:
    """The stations on a plane: x to the east, y to the south, usual neighbours 1 apart.

    An equirectangular projection around the middle, which is true to shape within a city.

    Returns:
        Positions by station id, to three decimals; None if a station has no place.
    """
    places = {station: stops[station].place for station in stations}
    known = {station: place for station, place in places.items() if place is not None}
    if len(known) < len(places) or not known:
        return None
    middle = median(lat for lat, _ in known.values())
    first = next(iter(known.values()))[1]
    flat = {
        station: (_wrapped(lon - first) * cos(radians(middle)), -lat)
        for station, (lat, lon) in known.items()
    }
    lengths = [hypot(flat[a][0] - flat[b][0], flat[a][1] - flat[b][1]) for a, b in edges]
    unit = median(lengths) if lengths else 0.0
    if unit <= 0:
        return None
    left, top = min(x for x, _ in flat.values()), min(y for _, y in flat.values())
    return {
        s: (round((x - left) / unit, 3), round((y - top) / unit, 3)) for s, (x, y) in flat.items()
    }
