"""The right answer to a question, written as the question asks for it."""

from __future__ import annotations

from rm_rewards.answer_form import answer_form
from rm_rewards.records import PLANNING, Question, RecordError, Route


def gold_answer(question: Question) -> str:
    r"""The reply that earns full marks: `\boxed{...}`, or the first optimal route in short form.

    Raises:
        RecordError: If the record lacks its answer or its routes.
    """
    if question.type == PLANNING:
        if not question.routes:
            raise RecordError("routes", question.routes, f"the routes of question {question.id!r}")
        return route_text(question.routes[0])
    if question.answer is None:
        raise RecordError("answer", None, f"the answer of question {question.id!r}")
    form = answer_form(question.type)
    if form == "yes_no":
        return r"\boxed{" + ("yes" if question.answer else "no") + "}"
    if form == "letter":
        return r"\boxed{" + "ABCD"[question.answer] + "}"
    return r"\boxed{" + str(question.answer) + "}"


def route_text(route: Route) -> str:
    """A route in ReasonMap's short form: three labelled lines a leg, legs parted by `--`."""
    return "\n--\n".join(
        f"Route Name: {leg.route_name}\n"
        f"Departure Stop: {leg.departure_stop}\n"
        f"Arrival Stop: {leg.arrival_stop}"
        for leg in route
    )
