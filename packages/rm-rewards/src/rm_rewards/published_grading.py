"""The graders that follow the publication: the released code, and Algorithm 1 as printed."""

from __future__ import annotations

from rm_rewards.marks import Grade, Marks, status_of
from rm_rewards.network import Network
from rm_rewards.reading import Reading, Values, read_answer, reader
from rm_rewards.records import PLANNING, Question, RecordError
from rm_rewards.reference import Lists, PublishedVerdict, algorithm_1, lists_of, published_verdict
from rm_rewards.route import RouteReading, read_route
from rm_rewards.specs import RewardSpec


def published_grader(question: Question, network: Network | None, spec: RewardSpec) -> Grade:
    """What grades as published: by the specification's `grader`, `published` or `paper`.

    Raises:
        RecordError: For a planning question without a network.
    """
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
        status="error" if verdict.error else status_of(read=read, truncated=False),
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
