"""Which stops trips serve in which order: the patterns of each route, and how often they run.

Rows of one trip usually follow each other, and are then sorted and forgotten as soon as the next
trip begins. So the memory needed grows with the number of wanted trips and of patterns, not with
the table.
"""

from __future__ import annotations

from collections import Counter
from typing import TypeAlias

from rm_data.importing.gtfs.archive import Feed
from rm_data.importing.gtfs.routes import Trips
from rm_data.importing.gtfs.tables import Table

Pattern: TypeAlias = tuple[str, ...]
"""The ids of the stops of a trip, in riding order."""

Patterns: TypeAlias = dict[int, dict[str, Counter[Pattern]]]
"""By route and direction: how many trips ride each pattern."""

_Visits: TypeAlias = tuple[tuple[int, str], ...]
"""(stop_sequence, stop_id) of a trip, sorted."""


def read_patterns(feed: Feed, trips: Trips) -> Patterns:
    """The patterns of the wanted trips.

    Raises:
        RecordError: For a row without a stop, or without a number for its place in the trip.
    """
    table = Table(feed, "stop_times.txt", ("trip_id", "stop_id", "stop_sequence"))
    kept = _Kept()
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
        if not (sequence.isascii() and sequence.isdecimal() and len(sequence) < 10):
            raise table.error("stop_sequence", sequence, "a number that is not negative")
        rows.append((int(sequence), stop))
    kept.add(current, rows)
    return kept.by_route(trips)


class _Kept:
    """What each trip has served so far; equal visits, and equal trips, are kept once."""

    def __init__(self) -> None:
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

    def by_route(self, trips: Trips) -> Patterns:
        found: Patterns = {}
        for trip, visits in self._of_trip.items():
            directions = found.setdefault(trips.route[trip], {})
            counts = directions.setdefault(trips.direction[trip], Counter())
            counts[tuple(stop for _, stop in visits)] += 1
        return found
