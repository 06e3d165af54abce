"""From one reply to its marks: what each grader finds, before the points are added up."""

from __future__ import annotations

from dataclasses import replace

from rm_rewards.answer_form import OWN_TYPES, answer_form
from rm_rewards.marks import Grade, Marks, status_of
from rm_rewards.network import Network
from rm_rewards.reading import Reading, read_answer, reader
from rm_rewards.records import PLANNING, QUESTION_TYPES, Question, RecordError
from rm_rewards.route_grading import RouteGrader
from rm_rewards.specs import METHODS, RewardSpec
from rm_rewards.stops import grades_stops, stops_grader
from rm_rewards.values import LETTERS


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
        return RouteGrader(question, network, spec)
    values = reader(question.type, question.options)
    if values is None:
        expected = f"one of {', '.join(QUESTION_TYPES)}, or a name that begins with {OWN_TYPES}"
        raise RecordError("type", question.type, expected)
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
    form = answer_form(question.type)
    if form == "yes_no":
        return "yes" if question.answer else "no"
    return LETTERS[question.answer] if form == "letter" else str(question.answer)


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
