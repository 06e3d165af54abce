"""Routes that are alike are judged alike: of a route in the asked form only a sketch matters.

A judge compares the names in a route with those in the best routes, and with one another; the names
that stand in no best route it tells apart in no other way. So a question is sketched by how its
best routes hang together, a leg by which of their lines and stops it has and by what is wrong with
it by itself, and a route by its legs and by which of their places are the same. Two routes with one
sketch, given to two questions with one sketch, earn the same.

A route is sketched leg by leg, and what a leg is, is kept: a route that was never seen costs a few
look-ups where its legs were.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple, TypeAlias

from rm_rewards.asked_form import as_asked
from rm_rewards.directory import Directory, is_known
from rm_rewards.gold import route_text
from rm_rewards.judge import leg_fault
from rm_rewards.records import Route
from rm_rewards.search import Ride
from rm_rewards.truth import Truth

_CUT: Final = "\n--\n"
_LABEL: Final = "Route Name: "
_FRAME: Final = ("Route Name: 1", "Departure Stop: 1", "Arrival Stop: 1")
_MOST_LEGS: Final = 16
_MOST_KEPT: Final = 256
_LONGEST_KEPT: Final = 400


class Name(NamedTuple):
    """A name: what it means on the map, and how it was written."""

    meant: str
    written: str


class LegFacts(NamedTuple):
    """What the map alone tells of a leg.

    Attributes:
        ride: The leg with its names looked up.
        sketch: What is wrong with it by itself.
        said: The leg in one line, as it was written.
    """

    ride: Ride
    sketch: str
    said: str


class SketchedLeg(NamedTuple):
    """A leg of a reply to one question: its sketch, its places, how it reads, and the ride."""

    sketch: str
    departure: str
    arrival: str
    said: str
    ride: Ride


Sketch: TypeAlias = tuple[Hashable, str, list[SketchedLeg]]
"""What a route is judged by, how it reads in one line, and its legs."""


class Sketcher:
    """Sketches the replies to one question.

    Args:
        truth: What they are judged against.
        stops: Whether the judge counts the stops of a ride.

    Attributes:
        question: The sketch of the question.
    """

    __slots__ = ("_directory", "_legs", "_lines", "_places", "_stops", "question")

    def __init__(self, truth: Truth, *, stops: bool) -> None:
        rides = [ride for route in truth.routes for ride in route]
        ends = (place for ride in rides for place in ride[1:])
        self._directory = truth.directory
        self._stops = stops
        self._lines = _numbered(ride.line for ride in rides)
        self._places = _numbered((truth.origin, truth.destination, *ends))
        self._legs: dict[str, SketchedLeg] = {}
        routes = [[self._numbers(ride) for ride in route] for route in truth.routes]
        known = (self._places[truth.destination], truth.transfers, truth.alone, truth.front)
        self.question = repr((routes, known))

    def of(self, text: str) -> Sketch | None:
        """The sketch of a route in just the form that was asked for; None for any other text."""
        sections = text.rstrip("\n").split(_CUT)
        return self._sketch(sections) if len(sections) <= _MOST_LEGS else None

    def of_legs(self, legs: Route) -> Sketch | None:
        """The sketch of a route that was read from any form; None if a name in it is not plain."""
        if not 0 < len(legs) <= _MOST_LEGS:
            return None
        return self._sketch([route_text((leg,)) for leg in legs])

    def _sketch(self, sections: Sequence[str]) -> Sketch | None:
        kept = self._legs
        legs: list[SketchedLeg] = []
        sketches: list[str] = []
        said: list[str] = []
        places: set[str] = set()
        joined, at = True, None
        for section in sections:
            leg = kept.get(section) or self._leg(section)
            if leg is None:
                return None
            sketch, departure, arrival, words, _ = leg
            if departure != at:
                joined = joined and not legs
                places.add(departure)
            places.add(at := arrival)
            legs.append(leg)
            sketches.append(sketch)
            said.append(words)
        key: Hashable = tuple(sketches)
        if not joined or len(places) <= len(legs):
            key = key, _joints(legs)
        return key, " | ".join(said), legs

    def _leg(self, section: str) -> SketchedLeg | None:
        if len(section) > _LONGEST_KEPT or not section.startswith(_LABEL):
            return None
        facts = self._directory.once(("leg", section), _facts, section, self._directory)
        if facts is None:
            return None
        ride = facts.ride
        line, departure, arrival = self._numbers(ride)
        sketch = f"{line},{departure},{arrival},{facts.sketch}"
        if self._stops:
            sketch += f",{len(self._directory.ride(*ride))}"
        leg = SketchedLeg(sketch, ride.departure, ride.arrival, facts.said, ride)
        if len(self._legs) >= _MOST_KEPT:
            self._legs = {}
        self._legs[section] = leg
        return leg

    def _numbers(self, ride: Ride) -> tuple[int, int, int]:
        line, departure, arrival = ride
        places = self._places
        return self._lines.get(line, -1), places.get(departure, -1), places.get(arrival, -1)


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: i for i, name in enumerate(dict.fromkeys(names))}


def _facts(section: str, directory: Directory) -> LegFacts | None:
    """The facts of the one leg that a text holds; None if it holds anything else.

    A leg that is all unknown names is left to those who know the example of the question.
    """
    lines = section.split("\n")
    if len(lines) != len(_FRAME):
        return None
    found = [directory.once((i, line), _named, i, line, directory) for i, line in enumerate(lines)]
    names = [name for name in found if name is not None]
    if len(names) != len(_FRAME):
        return None
    ride = Ride(*(name.meant for name in names))
    if not any(map(is_known, ride)):
        return None
    line, start, end = (name.written for name in names)
    nowhere = ride.departure == ride.arrival
    return LegFacts(ride, f"{leg_fault(ride, directory)},{nowhere}", f"{line}: {start} -> {end}")


def _named(place: int, line: str, directory: Directory) -> Name | None:
    """What the line at that place in a leg names, if it stands there as was asked for."""
    legs = as_asked("\n".join((*_FRAME[:place], line, *_FRAME[place + 1 :])))
    if legs is None:
        return None
    leg = legs[0]
    written = (leg.route_name, leg.departure_stop, leg.arrival_stop)[place]
    return Name(directory.place(written) if place else directory.line(written), written)


def _joints(legs: Sequence[SketchedLeg]) -> Hashable:
    """Where legs do not join, whether a station is come back to, which legs were ridden before."""
    rides = [leg.ride for leg in legs]
    joined = tuple(before.arrival == after.departure for before, after in pairwise(rides))
    stops = [ride.arrival for ride in rides if ride.departure != ride.arrival]
    stops.append(rides[0].departure)
    loop = len(stops) != len(set(stops))
    return joined, loop, tuple(ride in rides[:i] for i, ride in enumerate(rides))
