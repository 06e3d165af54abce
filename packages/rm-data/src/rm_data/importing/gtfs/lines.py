"""Which routes are one line, and what the line is called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from rm_data.importing.gtfs.patterns import Patterns
from rm_data.importing.gtfs.routes import FeedRoute
from rm_data.importing.gtfs.shape import shaped
from rm_rewards import Line

_SAME: Final = 2
"""Stations that two routes of one name share if they are one line."""

_DIGIT: Final = re.compile(r"\d")


@dataclass
class Group:
    """Routes that are one line, and the patterns of their trips by direction."""

    routes: list[FeedRoute]
    directions: dict[str, Counter[tuple[str, ...]]]

    def stations(self) -> set[str]:
        """The ids of its stations."""
        return {stop for counts in self.directions.values() for p in counts for stop in p}

    def shown(self) -> str:
        """What the map calls it: what the names of its routes begin with."""
        return common_name([route.shown for route in self.routes])

    def take(self, other: Group) -> None:
        """Become one with another group."""
        self.routes.extend(other.routes)
        for direction, counts in other.directions.items():
            self.directions.setdefault(direction, Counter()).update(counts)


def common_name(names: Sequence[str]) -> str:
    """The name of a line that has another one in each direction; empty if they are two lines.

    >>> common_name(["Yellow-N", "Yellow-S"]), common_name(["Line 1", "Line 2"])
    ('Yellow', '')
    """
    if len(set(names)) == 1:
        return names[0]
    shared = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    start = "".join(letters[0] for letters in shared)
    if any(_DIGIT.search(name[len(start) :]) for name in names):
        return ""
    return start.rstrip(" -_/(.") if 2 * len(start) >= max(map(len, names)) else ""


def groups_of(
    routes: Sequence[FeedRoute], patterns: Patterns, station: Mapping[str, str]
) -> list[Group]:
    """Routes that are one line, each group with trips.

    They are of one agency, and either share their name and some stations, or share all stations,
    the colour, and the beginning of their names, as the two directions of a line do in some feeds.
    """
    groups: list[Group] = []
    for number, route in enumerate(routes):
        new = Group([route], _at_stations(patterns.get(number, {}), station))
        if not new.directions:
            continue
        group = next((group for group in groups if _is_one(group, new)), None)
        if group is None:
            groups.append(new)
        else:
            group.take(new)
    return groups


def _at_stations(
    directions: Mapping[str, Counter[tuple[str, ...]]], station: Mapping[str, str]
) -> dict[str, Counter[tuple[str, ...]]]:
    found: dict[str, Counter[tuple[str, ...]]] = {}
    for direction, counts in directions.items():
        made = found.setdefault(direction, Counter())
        for way, trips in counts.items():
            made[tuple(station[stop] for stop in way)] += trips
    return found


def _is_one(group: Group, new: Group) -> bool:
    first, (route,) = group.routes[0], new.routes
    if first.agency != route.agency:
        return False
    here, there = group.stations(), new.stations()
    if first.shown == route.shown:
        return len(here & there) >= _SAME
    alike = bool(route.colour) and first.colour == route.colour and here == there
    return alike and bool(common_name([first.shown, route.shown]))


def lines_of(groups: Iterable[Group], agencies: Mapping[str, str]) -> tuple[Line, ...]:
    """The lines; those that no trip rides from one station to another are left out."""
    taken: set[str] = set()
    lines: list[Line] = []
    for group in groups:
        name = _name(group, agencies, taken)
        names = dict.fromkeys(n for r in group.routes for n in (r.shown, r.long) if n)
        colour = next((route.colour for route in group.routes if route.colour), "")
        line = Line(
            name=name,
            paths=(),
            colour=colour,
            aliases=tuple(n for n in names if n not in {name, *taken}),
        )
        line = shaped(line, [group.directions[way] for way in sorted(group.directions)])
        if line.paths:
            taken.add(name)
            lines.append(line)
    return tuple(lines)


def _name(group: Group, agencies: Mapping[str, str], taken: set[str]) -> str:
    """The name that the map shows, or a longer one if another line has it already."""
    route, shown = group.routes[0], group.shown()
    names = (
        shown,
        f"{route.short} {route.long}".strip(),
        f"{shown} ({agencies.get(route.agency, route.agency)})",
        f"{shown} ({route.id})",
    )
    return next((name for name in names if name not in taken), f"{names[-1]} {len(taken)}")
