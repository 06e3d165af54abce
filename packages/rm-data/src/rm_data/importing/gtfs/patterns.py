"""Which stops trips serve in which order: the patterns of each route, and how often they run.

Rows of one trip usually follow each other, and are then sorted and forgotten as soon as the next
trip begins. So the memory needed grows with the number of wanted trips and of patterns, not with
the table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Set
from itertools import pairwise
from typing import Final, TypeAlias

from rm_data.importing.gtfs.archive import Feed
from rm_data.importing.gtfs.routes import Trips
from rm_data.importing.gtfs.tables import Table
from rm_rewards import RecordError

Pattern: TypeAlias = tuple[str, ...]
"""The ids of the stops of a trip, in riding order."""

Patterns: TypeAlias = dict[int, dict[str, Counter[Pattern]]]
"""By route and direction: how many trips ride each pattern."""

_LONGEST: Final = 10_000
"""Stops of a trip."""

_Visits: TypeAlias = tuple[tuple[int, str], ...]
"""(stop_sequence, stop_id) of a trip, sorted."""


def read_patterns(feed: Feed, trips: Trips) -> Patterns:
    """The patterns of the wanted trips.

    Raises:
        RecordError: For a row without a stop, or without a number for its place in the trip, which
            no other stop may have.
    """
    columns = ("trip_id", "stop_id", "stop_sequence")
    table = Table(feed, "stop_times.txt", columns, most=float("inf"))
    kept = _Kept(feed.where("stop_times.txt"))
    wanted = trips.route
    current, rows = "", list[tuple[int, str]]()
    for trip, stop, sequence in table:
        if trip != current:
            kept.add(current, rows)
            current, rows = trip, []
        if trip not in wanted:
            continue
        if not stop:
            raise table.error("stop_id", stop, "the id of a stop")
        rows.append((_whole(table, "stop_sequence", sequence), stop))
        if len(rows) > _LONGEST:
            raise table.error("trip_id", trip, f"a trip of at most {_LONGEST:,} stops")
    kept.add(current, rows)
    return kept.by_route(trips, _departures(feed, wanted.keys()))


def _whole(table: Table, column: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise table.error(column, text, "a number that is not negative")
    return int(text)


def _departures(feed: Feed, wanted: Set[str]) -> dict[str, int]:
    """How often trips run that `frequencies.txt` repeats; all others run once.

    Raises:
        RecordError: For a time that is none, or a headway of no seconds.
    """
    if "frequencies.txt" not in feed:
        return {}
    columns = ("trip_id", "start_time", "end_time", "headway_secs")
    table = Table(feed, "frequencies.txt", columns)
    found: dict[str, int] = {}
    for trip, start, end, headway in table:
        if trip in wanted:
            seconds = _seconds(table, "end_time", end) - _seconds(table, "start_time", start)
            every = _whole(table, "headway_secs", headway)
            if every < 1 or seconds < 0:
                raise table.error("headway_secs", headway, "a time between two departures")
            found[trip] = found.get(trip, 0) + max(1, seconds // every)
    return found


def _seconds(table: Table, column: str, text: str) -> int:
    """Seconds of a time as `H:MM:SS`, which may be past midnight."""
    parts = text.split(":")
    if len(parts) != 3:
        raise table.error(column, text, "a time as H:MM:SS")
    hours, minutes, seconds = (_whole(table, column, part) for part in parts)
    return 3600 * hours + 60 * minutes + seconds


class _Kept:
    """What each trip has served so far; equal visits, and equal trips, are kept once."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._of_trip: dict[str, _Visits] = {}
        self._visit: dict[tuple[int, str], tuple[int, str]] = {}
        self._whole: dict[_Visits, _Visits] = {}

    def add(self, trip: str, rows: list[tuple[int, str]]) -> None:
        """More rows of a trip, which may have had some before."""
        if not rows:
            return
        rows.extend(self._of_trip.get(trip, ()))
        visits = tuple([self._visit.setdefault(visit, visit) for visit in sorted(rows)])
        if trip not in self._of_trip:  # otherwise the table is not in order, and few are whole
            visits = self._whole.setdefault(visits, visits)
        self._of_trip[trip] = visits

    def by_route(self, trips: Trips, departures: Mapping[str, int]) -> Patterns:
        found: Patterns = {}
        patterns = {visits: self._pattern(visits) for visits in set(self._of_trip.values())}
        for trip, visits in self._of_trip.items():
            directions = found.setdefault(trips.route[trip], {})
            counts = directions.setdefault(trips.direction[trip], Counter())
            counts[patterns[visits]] += departures.get(trip, 1)
        return found

    def _pattern(self, visits: _Visits) -> Pattern:
        for (place, stop), (after, other) in pairwise(visits):
            if place == after and stop != other:
                expected = f"one stop, not {stop!r} and {other!r}, at each place of a trip"
                raise RecordError("stop_sequence", place, expected, where=self._where)
        return tuple(stop for _, stop in visits)
