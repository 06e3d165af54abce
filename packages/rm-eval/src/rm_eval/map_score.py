"""ReasonMap's accuracy and map score of a route, as published and with its faults repaired.

Accuracy: the ends are right, every line is a key of the station list, both stops lie on it, and
sections meet. Map score, the best over the reference's plans: 1 for the ends, 2 for each line, 1
for each stop, capped at 10 (long form: plus the via stops, capped at 20), and as much again for a
route that is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from rm_eval.published_reply import NUMBER_FORM, Section, clean, sections
from rm_eval.reference_line import line_from_reply, reference_line
from rm_rewards import Leg, Question

Faults: TypeAlias = Literal["compat", "fixed"]
"""`compat` keeps the published faults. Outside China the line of the reference is taken from the
reply there, so that its 2 points are out of reach; an arrival loses its point where the departure's
name ends in `Station`; via stops are compared with their blanks."""

_COMMAS: Final = re.compile("[,，、]")
Lists: TypeAlias = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class RouteScore:
    """What a route earns. `read`: whether the reply holds any section at all."""

    read: bool
    right: bool
    score: float


def is_long(question: Question) -> bool:
    """Whether the question asks for the via stops, or their number."""
    return "Via Stops:" in question.question


def route_score(question: Question, reply: str, lists: Lists, faults: Faults) -> RouteScore:
    """Accuracy and map score of a reply.

    Args:
        question: A planning question with its reference `routes`.
        reply: What the model wrote.
        lists: Line -> stations, in the published form.
        faults: Whether the published faults are kept.

    Example: a short route with one section that agrees with the reference in all is right and
    scores 1 + 2 + 1 + 1 + 10 = 15.
    """
    long = is_long(question)
    route = sections(reply, question.question, long=long)
    if not route:
        return RouteScore(read=False, right=False, score=0.0)
    ends = _ends_right(route, question)
    right = ends and _rideable(route, lists)
    best = 0.0
    if ends:
        comparison = _Comparison(question, lists, faults, long)
        best = max((comparison.score(route, plan) for plan in question.routes or ()), default=0.0)
    bonus = (20.0 if long else 10.0) if right and question.routes else 0.0
    return RouteScore(read=True, right=right, score=best + bonus)


def _ends_right(route: Sequence[Section], question: Question) -> bool:
    wanted = clean(question.station_1 or ""), clean(question.station_2 or "")
    return (route[0].departure, route[-1].arrival) == wanted


def _rideable(route: Sequence[Section], lists: Lists) -> bool:
    on_line = all(_on_line(section, lists) for section in route)
    return on_line and all(a.arrival == b.departure for a, b in pairwise(route))


def _on_line(section: Section, lists: Lists) -> bool:
    line = section.line
    line = "Line 1" if "八通" in line else line
    line = "Line 4" if "大兴" in line else line
    stops = {clean(stop) for stop in lists.get(line, ())}
    return section.departure in stops and section.arrival in stops


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A route beside the plans of the reference."""

    question: Question
    lists: Lists
    faults: Faults
    long: bool

    def score(self, route: Sequence[Section], plan: Sequence[Leg]) -> float:
        pairs = list(zip(route, plan, strict=False))
        points = 1.0 + sum(self._points(section, leg) for section, leg in pairs)
        if not self.long:
            return min(10.0, points)
        if NUMBER_FORM in self.question.question:
            return min(20.0, points + _number_points(pairs))
        return min(20.0, points + self._via_points(pairs))

    def _points(self, section: Section, leg: Leg) -> float:
        named = clean(self._line(section, leg)) == clean(section.line)
        departure, arrival = self._stops(leg)
        return 2.0 * named + (departure == section.departure) + (arrival == section.arrival)

    def _line(self, section: Section, leg: Leg) -> str:
        if self.faults == "compat" and not self._chinese:
            return line_from_reply(section.line, self.question.city)
        return reference_line(leg.route_name, self.lists, self.question.country)

    def _stops(self, leg: Leg) -> tuple[str, str]:
        """Departure and arrival of the reference, with the ending that the maps show."""
        departure, arrival = self._ended(leg.departure_stop), self._ended(leg.arrival_stop)
        if self.faults == "compat" and not (self._chinese and self.long):
            already = leg.departure_stop.endswith(self._ending.strip())
            added = leg.arrival_stop + self._ending
            arrival = leg.departure_stop if already else added
        return clean(departure), clean(arrival)

    def _via_points(self, pairs: Iterable[tuple[Section, Leg]]) -> float:
        matched = 0
        union, shared = set[str](), set[str]()
        for section, leg in pairs:
            given, wanted = self._vias(section, leg)
            matched += sum(stop in wanted for stop in given)
            if clean(self._line(section, leg)) == clean(section.line):
                union |= {*given, *wanted}
                shared |= {*given} & {*wanted}
        overlap = len(shared) / len(union) if union else 0.0
        return (10 * overlap + min(10, matched)) / 2

    def _vias(self, section: Section, leg: Leg) -> tuple[list[str], list[str]]:
        if self.faults == "compat":
            given = section.via.split(",") if "站" in section.via else []
            return given, [self._ended(stop) for stop in leg.via_stops] if self._chinese else []
        parts = [clean(part) for part in _COMMAS.split(section.via.partition("\n")[0])]
        wanted = [clean(self._ended(stop)) for stop in leg.via_stops]
        ends = {clean(self._ending)}
        return [clean(self._ended(part)) for part in parts if part and part not in ends], wanted

    def _ended(self, stop: str) -> str:
        if self.faults == "fixed" and stop.lower().endswith(self._ending.strip().lower()):
            return stop
        return stop if stop.endswith(self._ending.strip()) else stop + self._ending

    @property
    def _chinese(self) -> bool:
        return self.question.country == "china"

    @property
    def _ending(self) -> str:
        return "站" if self._chinese else " Station"


def _number_points(pairs: Iterable[tuple[Section, Leg]]) -> float:
    points = 0.0
    for section, leg in pairs:
        wanted = len(leg.via_stops) if leg.num_via_stops is None else leg.num_via_stops
        error = abs(section.number - wanted)
        points += 4.0 if not error else max(0.0, 4 - 4 * error / wanted) if wanted else 0.0
    return min(10.0, points)
