"""From a reply to a planning question to its marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rm_rewards.alike import Sketch, Sketcher
from rm_rewards.credit import credit
from rm_rewards.directory import is_known
from rm_rewards.judge import BY_STOPS, faults
from rm_rewards.marks import Marks, status_of
from rm_rewards.network import Network
from rm_rewards.records import Question, Route
from rm_rewards.route import RouteReading, read_patiently, read_route
from rm_rewards.rules import Judged, rules_of
from rm_rewards.search import Ride
from rm_rewards.specs import RewardSpec
from rm_rewards.truth import Truth, truth_of

_EXAMPLE: Final = "Route Name: Line x\nDeparture Stop: xx Station\nArrival Stop: xx Station"
"""The leg that ReasonMap's prompts show."""


class RouteGrader:
    """Grades the replies to a planning question; what routes like one have earned is kept.

    Attributes:
        sketcher: Tells which routes are alike.

    Raises:
        RecordError: If there is nothing to judge a reply by.
    """

    __slots__ = ("_example", "_judged", "_question", "_spec", "_truth", "sketcher")

    def __init__(self, question: Question, network: Network | None, spec: RewardSpec) -> None:
        by_stops = spec.accept in BY_STOPS
        self._question = question
        self._spec = spec
        self._truth = truth_of(question, network, front=by_stops)
        self._example: frozenset[Ride] | None = None
        self.sketcher = Sketcher(self._truth, stops=by_stops)
        self._judged = rules_of(spec).judged(self.sketcher.question)

    def __call__(self, reply: str) -> Marks:
        """The marks of one reply."""
        reading = read_route(reply)
        sketch = self.sketcher.of_legs(reading.legs)
        if sketch is None:
            reading = self._without_example(reading)
        if not reading.legs:
            return Marks(
                well_formed=False,
                correct=False,
                status=status_of(read=False, truncated=reading.truncated),
                reasons=reading.reasons,
            )
        if sketch is None:
            wrong, detail = self._judge(self._truth.rides(reading.legs))
        else:
            wrong, detail = self._judge_alike(sketch)
        return Marks(
            well_formed=reading.well_formed,
            correct=not wrong,
            detail=detail,
            parsed=written(reading.legs),
            reasons=(*reading.reasons, *wrong),
        )

    def marks(self, sketch: Sketch) -> Marks:
        """The marks of a reply that is a route in the asked form, without what it says."""
        wrong, detail = self._judge_alike(sketch)
        return Marks(well_formed=True, correct=not wrong, detail=detail, reasons=wrong)

    def _judge_alike(self, sketch: Sketch) -> Judged:
        """What a route with that sketch was found to be, the first time that one was judged."""
        alike, _, legs = sketch
        judged = self._judged.get(alike)
        if judged is None:
            judged = self._judge([leg.ride for leg in legs])
            self._judged.keep(alike, judged)
        return judged

    def _judge(self, rides: Sequence[Ride]) -> Judged:
        spec = self._spec
        wrong = faults(rides, self._truth, spec.accept)
        credited = min(spec.wrong_cap, credit(rides, self._truth, spec.points)) if wrong else 1.0
        return wrong, credited

    def _without_example(self, reading: RouteReading) -> RouteReading:
        """The reading without the legs that repeat the example of the question."""
        if self._example is None:
            self._example = _example(self._question, self._truth)
        rides = self._truth.rides(reading.legs)
        if self._example.isdisjoint(rides):
            return reading
        return _without(self._example, reading, rides)


def written(legs: Route) -> str | None:
    """A route in one line: `Line 1: Alpha -> Bravo | Line 2: Bravo -> Charlie`."""
    rides = (f"{leg.route_name}: {leg.departure_stop} -> {leg.arrival_stop}" for leg in legs)
    return " | ".join(rides) or None


def _example(question: Question, truth: Truth) -> frozenset[Ride]:
    """The legs that a question shows as an example: no name in them is one of the map's."""
    shown = (read_patiently(text).legs for text in (question.question, _EXAMPLE))
    rides = (ride for legs in shown for ride in truth.rides(legs))
    return frozenset(ride for ride in rides if not any(map(is_known, ride)))


def _without(
    example: frozenset[Ride], reading: RouteReading, rides: Sequence[Ride]
) -> RouteReading:
    """The reading without the legs that repeat the example."""
    kept = tuple(leg for leg, ride in zip(reading.legs, rides, strict=True) if ride not in example)
    codes = ("prompt_echo", *reading.reasons, *(() if kept else ("no_route",)))
    return replace(reading, legs=kept, well_formed=False, reasons=codes)
