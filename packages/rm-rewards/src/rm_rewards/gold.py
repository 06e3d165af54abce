"""The right answer to a question, written as the question asks for it."""

from __future__ import annotations

from rm_rewards.answer_form import answer_form
from rm_rewards.records import PLANNING, Leg, Question, RecordError, Route


def gold_answer(question: Question) -> str:
    r"""The reply that earns full marks: `\boxed{...}`, or the first optimal route as asked.

    Raises:
        RecordError: If the record lacks its answer or its routes.
    """
    if question.type == PLANNING:
        if not question.routes:
            raise RecordError("routes", question.routes, f"the routes of question {question.id!r}")
        return route_text(question.routes[0], asked=question.question)
    if question.answer is None:
        raise RecordError("answer", None, f"the answer of question {question.id!r}")
    form = answer_form(question.type)
    if form == "yes_no":
        return r"\boxed{" + ("yes" if question.answer else "no") + "}"
    if form == "letter":
        return r"\boxed{" + "ABCD"[question.answer] + "}"
    return r"\boxed{" + str(question.answer) + "}"


def route_text(route: Route, *, asked: str = "") -> str:
    """A route as ReasonMap's prompts ask for it: labelled lines for each leg, legs parted by `--`.

    Three lines a leg; a fourth for the stops in between if the prompt asks for it: their number
    (long form 1, `Number of Via Stops:`) or their names (long form 2, `Via Stops:`).

    Args:
        route: The legs, with their via stops where the prompt asks for them.
        asked: The prompt; without it the short form is written.
    """
    return "\n--\n".join(_leg_text(leg, asked) for leg in route)


def _leg_text(leg: Leg, asked: str) -> str:
    text = (
        f"Route Name: {leg.route_name}\n"
        f"Departure Stop: {leg.departure_stop}\n"
        f"Arrival Stop: {leg.arrival_stop}"
    )
    if "Number of Via Stops:" in asked:
        number = len(leg.via_stops) if leg.num_via_stops is None else leg.num_via_stops
        return f"{text}\nNumber of Via Stops: {number}"
    return (
        f"{text}\nVia Stops: {', '.join(leg.via_stops) or 'none'}"
        if "Via Stops:" in asked
        else text
    )
