"""From one reply to its marks: what each grader finds, before the points are added up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from rm_rewards.credit import credit
from rm_rewards.judge import BY_STOPS, faults
from rm_rewards.network import Network
from rm_rewards.reading import Reading, Values, read_answer, reader
from rm_rewards.records import PLANNING, QUESTION_TYPES, Question, RecordError, Route, Status
from rm_rewards.reference import Lists, PublishedVerdict, algorithm_1, lists_of, published_verdict
from rm_rewards.route import RouteReading, read_route
from rm_rewards.specs import METHODS, RewardSpec
from rm_rewards.stops import grades_stops, stops_grader
from rm_rewards.truth import Truth, truth_of
from rm_rewards.values import LETTERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What was found about one reply.

    Attributes:
        well_formed: Whether it has the form that was asked for.
        correct: Whether it is right.
        detail: Partial credit, in the grader's own units.
        parsed: What was read out of it, or None.
        status: Whether it could be read.
        reasons: Codes of what is wrong with it.
    """

    well_formed: bool
    correct: bool
    detail: float = 0.0
    parsed: str | None = None
    status: Status = "ok"
    reasons: tuple[str, ...] = ()


Grade: TypeAlias = Callable[[str], Marks]


def grader(question: Question, network: Network | None, spec: RewardSpec) -> Grade:
    """What grades the replies to that question. The truth is worked out once, here.

    Raises:
        RecordError: If the question cannot be graded: an unknown type, or a planning question
            without anything to judge its replies by.
    """
    if spec.grader in METHODS:  # loaded only when one is asked for
        from rm_rewards.methods.whole_replies import method_grader  # noqa: PLC0415

        return method_grader(question, network, spec)
    if spec.grader != "repaired":
        return _as_published(question, network, spec)
    if question.type == PLANNING:
        truth = truth_of(question, network, front=spec.accept in BY_STOPS)
        return lambda reply: _grade_route(reply, truth, spec)
    values = reader(question.type, question.options)
    if values is None:
        raise RecordError("type", question.type, f"one of {', '.join(QUESTION_TYPES)}")
    right = _right_answer(question)
    if grades_stops(question):
        listed = stops_grader(question, network)

        def grade(reply: str) -> Marks:
            marks = _grade_answer(read_answer(reply, values), right)
            detail = 1.0 if marks.correct else min(spec.wrong_cap, listed(reply))
            return replace(marks, detail=detail)

        return grade
    return lambda reply: _grade_answer(read_answer(reply, values), right)


def _status(*, read: bool, truncated: bool) -> Status:
    if read:
        return "ok"
    return "truncated" if truncated else "unparsed"


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
        status=_status(read=reading.value is not None, truncated=reading.truncated),
        reasons=(*reading.reasons, *wrong),
    )


def written(legs: Route) -> str | None:
    """A route in one line: `Line 1: Alpha -> Bravo | Line 2: Bravo -> Charlie`."""
    rides = (f"{leg.route_name}: {leg.departure_stop} -> {leg.arrival_stop}" for leg in legs)
    return " | ".join(rides) or None


def _grade_route(reply: str, truth: Truth, spec: RewardSpec) -> Marks:
    reading = read_route(reply)
    if not reading.legs:
        return Marks(
            well_formed=False,
            correct=False,
            status=_status(read=False, truncated=reading.truncated),
            reasons=reading.reasons,
        )
    rides = truth.rides(reading.legs)
    wrong = faults(rides, truth, spec.accept)
    detail = min(spec.wrong_cap, credit(rides, truth, spec.points)) if wrong else 1.0
    return Marks(
        well_formed=reading.well_formed,
        correct=not wrong,
        detail=detail,
        parsed=written(reading.legs),
        reasons=(*reading.reasons, *wrong),
    )


def _as_published(question: Question, network: Network | None, spec: RewardSpec) -> Grade:
    lists: Lists = {}
    if PLANNING in question.type:
        if network is None:
            raise RecordError("network", None, f"the network of question {question.id!r}")
        lists = lists_of(network)
    if spec.grader == "published":
        return lambda reply: _published_marks(published_verdict(question, reply, lists), question)
    values = reader(question.type)
    return lambda reply: _paper_marks(question, reply, lists, values)


def _published_marks(verdict: PublishedVerdict, question: Question) -> Marks:
    read = verdict.parsed is not None
    wrong = "no_route" if not read and PLANNING in question.type else "wrong_answer"
    reasons = () if verdict.correct else (wrong,)
    return Marks(
        well_formed=False,
        correct=verdict.correct,
        detail=verdict.detail,
        parsed=verdict.parsed,
        status="error" if verdict.error else _status(read=read, truncated=False),
        reasons=(f"published_code:{verdict.error}",) if verdict.error else reasons,
    )


def _paper_marks(question: Question, reply: str, lists: Lists, values: Values | None) -> Marks:
    """The paper's: the released code's verdict, the form as asked, Algorithm 1 for the detail."""
    marks = _published_marks(published_verdict(question, reply, lists), question)
    reading: Reading | RouteReading | None = None
    if question.type == PLANNING:
        reading = read_route(reply)
    elif values is not None:
        reading = read_answer(reply, values)
    formed = reading is not None and reading.well_formed
    detail = algorithm_1(question, reply, lists) if formed and question.type == PLANNING else 0.0
    form = reading.reasons if reading is not None else ()
    return Marks(
        well_formed=formed,
        correct=marks.correct,
        detail=detail,
        parsed=marks.parsed,
        status=marks.status,
        reasons=tuple(dict.fromkeys((*form, *marks.reasons))),
    )
