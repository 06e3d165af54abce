"""Replies to try a reward with: right ones, ones that are nearly right, and garbage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rm_rewards import (
    PLANNING,
    Question,
    RecordError,
    Route,
    answer_form,
    gold_answer,
    route_text,
)
from rm_rewards.soundness import GARBAGE


def sample_replies(question: Question) -> list[str]:
    """The gold answer, some that differ from it in one thing, and garbage; each once.

    Garbage alone if the question does not hold its answer.
    """
    try:
        gold = gold_answer(question)
    except RecordError:
        return list(GARBAGE[:4])
    near = _routes(question) if question.type == PLANNING else _short_answers(question)
    return list(dict.fromkeys([gold, *near, *GARBAGE[:4]]))


def spread(questions: Sequence[Question], most: int) -> list[int]:
    """Numbers of questions, of each type in turn and from all over the file, at most so many."""
    by_type: dict[str, list[int]] = {}
    for number, question in enumerate(questions):
        by_type.setdefault(question.type, []).append(number)
    share = max(1, most // max(1, len(by_type)))
    chosen: list[int] = []
    for numbers in by_type.values():
        step = max(1, len(numbers) // share)
        chosen += numbers[::step][:share]
    return sorted(chosen[:most])


def _short_answers(question: Question) -> Iterator[str]:
    gold = question.answer or 0
    form = answer_form(question.type)
    others = {"yes_no": (1 - gold,), "letter": tuple({0, 1, 2, 3} - {gold})}
    for other in others.get(form or "", (gold + 1, gold + 2)):
        yield gold_answer(replace(question, answer=other))
    right = gold_answer(question)
    between = question.fine_grained_answer
    if form == "letter" and isinstance(between, tuple) and between:
        wrong = gold_answer(replace(question, answer=(gold + 1) % 4))
        yield f"Via Stops: {', '.join(between)}\n{wrong}"
        yield f"Via Stops: {between[0]}, no such stop\n{right}"
    yield right.removeprefix(r"\boxed{").removesuffix("}")
    yield f"{right} or {right}"


def _routes(question: Question) -> Iterator[str]:
    assert question.routes  # `gold_answer` has seen to it
    route = question.routes[0]
    asked = question.question
    yield (
        route_text(route[:1], asked=asked)
        if len(route) > 1
        else route_text((*route, *route), asked=asked)
    )
    yield route_text(_with_line(route, "no such line"), asked=asked)
    yield route_text(_with_line(route, "no such line", place=0), asked=asked)
    yield route_text(_turned(route), asked=asked)
    yield route_text(_with_end(route), asked=asked)
    yield " ".join(route_text(route, asked=asked).split())


def _with_line(route: Route, line: str, place: int = -1) -> Route:
    legs = list(route)
    legs[place] = replace(legs[place], route_name=line)
    return tuple(legs)


def _turned(route: Route) -> Route:
    return tuple(
        replace(leg, departure_stop=leg.arrival_stop, arrival_stop=leg.departure_stop)
        for leg in reversed(route)
    )


def _with_end(route: Route) -> Route:
    return (*route[:-1], replace(route[-1], arrival_stop="no such stop"))
