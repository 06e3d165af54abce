"""From one reply to its marks: what each grader finds, before the points are added up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rm_rewards.credit import credit
from rm_rewards.directory import is_known
from rm_rewards.judge import BY_STOPS, faults
from rm_rewards.marks import Grade, Marks, status_of
from rm_rewards.network import Network
from rm_rewards.reading import Reading, read_answer, reader
from rm_rewards.records import PLANNING, QUESTION_TYPES, Question, RecordError, Route
from rm_rewards.route import RouteReading, read_patiently, read_route
from rm_rewards.search import Ride
from rm_rewards.specs import METHODS, RewardSpec
from rm_rewards.stops import grades_stops, stops_grader
from rm_rewards.truth import Truth, truth_of
from rm_rewards.values import LETTERS

_EXAMPLE: Final = "Route Name: Line x\nDeparture Stop: xx Station\nArrival Stop: xx Station"
"""The leg that ReasonMap's prompts show."""


def grader(question: Question, network: Network | None, spec: RewardSpec) -> Grade:
    """What grades the replies to that question. The truth is worked out once, here.

    Raises:
        RecordError: If the question cannot be graded: an unknown type, or a planning question
            without anything to judge its replies by.
    """
    if spec.grader in METHODS:  # these are loaded only when one is asked for
        from rm_rewards.methods.whole_replies import method_grader  # noqa: PLC0415

        return method_grader(question, network, spec)
    if spec.grader != "repaired":
        from rm_rewards.published_grading import published_grader  # noqa: PLC0415

        return published_grader(question, network, spec)
    if question.type == PLANNING:
        truth = truth_of(question, network, front=spec.accept in BY_STOPS)
        example = _example(question, truth)
        return lambda reply: _grade_route(reply, truth, spec, example)
    values = reader(question.type, question.options)
    if values is None:
        raise RecordError("type", question.type, f"one of {', '.join(QUESTION_TYPES)}")
    right, asked = _right_answer(question), question.question
    if grades_stops(question):
        listed = stops_grader(question, network)

        def grade(reply: str) -> Marks:
            marks = _grade_answer(read_answer(reply, values, asked=asked), right)
            detail = 1.0 if marks.correct else min(spec.wrong_cap, listed(reply))
            return replace(marks, detail=detail)

        return grade
    return lambda reply: _grade_answer(read_answer(reply, values, asked=asked), right)


def _right_answer(question: Question) -> str:
    if question.answer is None:
        raise RecordError("answer", None, f"the right answer of question {question.id!r}")
    if question.type.startswith("TorF"):
        return "yes" if question.answer else "no"
    return LETTERS[question.answer] if question.type == "Counting1" else str(question.answer)


def _grade_answer(reading: Reading, right: str) -> Marks:
    correct = reading.value == right
    wrong = ("wrong_answer",) if reading.value is not None and not correct else ()
    return Marks(
        well_formed=reading.well_formed,
        correct=correct,
        parsed=reading.value,
        status=status_of(read=reading.value is not None, truncated=reading.truncated),
        reasons=(*reading.reasons, *wrong),
    )


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


def _grade_route(reply: str, truth: Truth, spec: RewardSpec, example: frozenset[Ride]) -> Marks:
    reading = read_route(reply)
    rides = truth.rides(reading.legs)
    if not example.isdisjoint(rides):
        reading = _without(example, reading, rides)
        rides = truth.rides(reading.legs)
    if not rides:
        return Marks(
            well_formed=False,
            correct=False,
            status=status_of(read=False, truncated=reading.truncated),
            reasons=reading.reasons,
        )
    wrong = faults(rides, truth, spec.accept)
    detail = min(spec.wrong_cap, credit(rides, truth, spec.points)) if wrong else 1.0
    return Marks(
        well_formed=reading.well_formed,
        correct=not wrong,
        detail=detail,
        parsed=written(reading.legs),
        reasons=(*reading.reasons, *wrong),
    )
