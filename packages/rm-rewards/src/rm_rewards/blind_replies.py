"""Replies that are written without a look at the map, from other answers and the question's text.

Each policy is one way to write such a reply; it is given what was counted in other questions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rm_rewards.gold import gold_answer, route_text
from rm_rewards.records import PLANNING, Leg, Question

_CONSTANTS: Final = 6
_LINES: Final = 3
_NONE: Final = "1"
_CLOSED: Final[Mapping[str, Sequence[str]]] = {
    "TorF1": ("yes", "no"),
    "TorF2": ("yes", "no"),
    "Counting1": tuple("ABCD"),
    "Counting2": tuple("12345"),
    "Counting3": tuple("23456789"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What is common in a set of questions, the most frequent first.

    Attributes:
        answers: The right answers as they are written.
        lines: The lines of the best routes.
        transfers: The stations where the best routes change.
        stops: The stops that counting questions pass.
        legs: How many legs the best routes have.
    """

    answers: tuple[str, ...]
    lines: tuple[str, ...]
    transfers: tuple[str, ...]
    stops: tuple[str, ...]
    legs: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One way to answer blindly; `constant` if it does not even read the question."""

    name: str
    reply: Callable[[Question, Counts], str]
    constant: bool = False


def fitted(questions: Sequence[Question]) -> Counts:
    """What is common in those questions."""
    routes = [q.routes[0] for q in questions if q.routes]
    return Counts(
        answers=tuple(_common(gold_answer(q) for q in questions)),
        lines=tuple(_common(leg.route_name for route in routes for leg in route)),
        transfers=tuple(_common(leg.arrival_stop for route in routes for leg in route[:-1])),
        stops=tuple(
            _common(
                stop
                for q in questions
                if isinstance(q.fine_grained_answer, tuple)
                for stop in q.fine_grained_answer
            )
        ),
        legs=tuple(count for count, _ in Counter(map(len, routes)).most_common()),
    )


def _common(values: Iterable[str]) -> list[str]:
    return [value for value, _ in Counter(values).most_common()]


def policies(kind: str) -> tuple[Policy, ...]:
    """The blind policies for a question type; the same number for all its questions."""
    found = [
        Policy(name="the question repeated", reply=lambda question, _: question.question),
        Policy(name="an empty box", reply=_empty_box, constant=True),
        *(
            Policy(name=f"constant {i + 1}: a common answer", reply=_constant(i), constant=True)
            for i in range(_CONSTANTS)
        ),
    ]
    found += [
        Policy(name=f"constant {answer}", reply=_fixed(answer), constant=True)
        for answer in _CLOSED.get(kind, ())
    ]
    if kind == PLANNING:
        found += _planners()
    if kind == "Counting1":
        found += [
            Policy(name=f"letter {letter} and common stops", reply=_letter(letter), constant=True)
            for letter in "ABCD"
        ]
    return tuple(found)


def _empty_box(_question: Question, _counts: Counts) -> str:
    return r"\boxed{}"


def _fixed(answer: str) -> Callable[[Question, Counts], str]:
    return lambda _question, _counts: rf"\boxed{{{answer}}}"


def _constant(i: int) -> Callable[[Question, Counts], str]:
    return lambda _, counts: counts.answers[i] if i < len(counts.answers) else ""


def _letter(letter: str) -> Callable[[Question, Counts], str]:
    def reply(_: Question, counts: Counts) -> str:
        return f"Via Stops: {', '.join(counts.stops[:4])}\n\\boxed{{{letter}}}"

    return reply


def _planners() -> list[Policy]:
    """The two stations of the question, joined by common lines through a common transfer."""
    found = [Policy(name="both stations, a usual number of legs", reply=_usual)]
    for i in range(_LINES):
        found.append(Policy(name=f"both stations, line {i + 1}", reply=_joined([i])))
        found += [
            Policy(name=f"both stations, lines {i + 1} and {j + 1}", reply=_joined([i, j]))
            for j in range(_LINES)
        ]
    return found


def _joined(ranks: Sequence[int]) -> Callable[[Question, Counts], str]:
    return lambda question, counts: _route(question, counts, ranks)


def _usual(question: Question, counts: Counts) -> str:
    return _route(question, counts, range(counts.legs[0] if counts.legs else 1))


def _route(question: Question, counts: Counts, ranks: Sequence[int]) -> str:
    """A route over the lines of those ranks; it changes at the most common transfers."""
    inner = [_ranked(counts.transfers, i) for i in range(len(ranks) - 1)]
    stops = [question.station_1 or "", *inner, question.station_2 or ""]
    return route_text(
        tuple(
            Leg(
                route_name=_ranked(counts.lines, rank),
                departure_stop=stops[i],
                arrival_stop=stops[i + 1],
            )
            for i, rank in enumerate(ranks)
        )
    )


def _ranked(values: Sequence[str], rank: int) -> str:
    return values[min(rank, len(values) - 1)] if values else _NONE
