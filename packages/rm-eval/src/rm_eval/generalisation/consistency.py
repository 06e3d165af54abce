r"""Whether a reply answers what its reasoning came to, by rule.

SEED-Bench-R1 lets a judge model decide whether the reasoning supports the answer; here the answer
is read twice, once in the reasoning and once where the reply gives it, and the two are compared.
The reasoning is what stands before `</think>`; without that, before `<answer>`; without that,
before the route (planning) or the last `\boxed{}` (short answers).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from rm_eval.extractors import EXTRACTORS, PAPER
from rm_eval.item import Item
from rm_eval.tasks import GENERAL
from rm_rewards import PLANNING, Leg, Question, Route, answer_form, read_route, route_text, score

Match: TypeAlias = Literal["consistent", "different", "unread"]

MATCHES: Final[tuple[Match, ...]] = ("consistent", "different", "unread")

_THINK: Final = re.compile(r"<think(?:ing)?>", re.IGNORECASE)
_THINK_END: Final = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_ANSWER: Final = re.compile(r"<answer>", re.IGNORECASE)
_ROUTE: Final = re.compile(r"route[\s_]*name[\s_\"'*`]*[:：]", re.IGNORECASE)
_BOX: Final = re.compile(r"\\boxed")
_READABLE: Final = ("choice", "yes_no")


@dataclass(frozen=True, slots=True)
class Parts:
    """A reply in two."""

    reasoning: str
    answer: str


def parts_of(reply: str, *, route: bool) -> Parts:
    """The reasoning and the answer of a reply; one without a mark between them is all answer.

    Args:
        reply: The whole reply.
        route: Whether a route was asked for.
    """
    marks = ((_THINK_END, -1), (_ANSWER, -1), (_ROUTE, 0) if route else (_BOX, -1))
    for mark, which in marks:
        found = list(mark.finditer(reply))
        if found:
            cut = found[which].end() if mark is _THINK_END else found[which].start()
            head = _THINK_END.sub("", _THINK.sub("", reply[:cut]))
            return Parts(head.strip(), reply[cut:].strip())
    return Parts("", reply.strip())


def matched(question: Question, reply: str, item: Item | None = None) -> Match | None:
    r"""Whether the answer is what the reasoning came to; None for a type that no rule reads.

    Args:
        question: What was asked.
        reply: The whole reply.
        item: Its item, for a question of a prepared benchmark: a choice, or yes or no.

    Example:
        >>> asked = Question(id="q", type="Counting2", question="How many?", answer=3)
        >>> matched(asked, r"<think>Red and blue: 2 lines.</think> \boxed{3}")
        'different'
    """
    if question.type == PLANNING:
        parts = parts_of(reply, route=True)
        return _match_routes(_route(parts.reasoning), _route(parts.answer))
    parts = parts_of(reply, route=False)
    if item is not None and question.type in GENERAL:
        if item.form not in _READABLE:
            return None
        read = EXTRACTORS[PAPER].judge
        return match(*(read(item, text).extraction.value for text in _both(parts)))
    if answer_form(question.type) is None:
        return None
    return match(*(score(question, text).parsed if text else None for text in _both(parts)))


def match(reasoning: str | None, answer: str | None) -> Match:
    """Whether two answers are one; None stands for one that cannot be read."""
    if reasoning is None or answer is None:
        return "unread"
    return "consistent" if reasoning == answer else "different"


def rate(matches: Sequence[Match]) -> float:
    """The share of replies that are consistent; one that cannot be read is not.

    Example:
        >>> pairs = [("A-B-C", "A-B-C"), ("A-B", "A-D"), ("A-C", "A-C"), (None, "A")]
        >>> rate([match(*pair) for pair in pairs])
        0.5
    """
    return matches.count("consistent") / len(matches) if matches else 0.0


def _both(parts: Parts) -> tuple[str, str]:
    return parts.reasoning, parts.answer


def _route(text: str) -> Route:
    legs = read_route(text).legs if text else ()
    whole = all(leg.route_name and leg.departure_stop and leg.arrival_stop for leg in legs)
    return legs if whole else ()


def _match_routes(reasoning: Route, answer: Route) -> Match:
    """The reasoning ends with the route of the answer; other routes may have been tried before."""
    if not reasoning or not answer:
        return "unread"
    tried, last = reasoning[: -len(answer)], reasoning[-len(answer) :]
    if tried and _letters(tried[-1].arrival_stop) == _letters(last[0].departure_stop):
        return "different"  # the legs before lead to these: the route is a longer one
    return "consistent" if _same_route(last, answer) else "different"


def _same_route(one: Route, other: Route) -> bool:
    """Whether two routes are one: as written, or under the rules by which names are graded."""
    if list(map(_ride, one)) == list(map(_ride, other)):
        return True
    asked = Question(
        id="consistency",
        type=PLANNING,
        question="",
        station_1=other[0].departure_stop,
        station_2=other[-1].arrival_stop,
        routes=(other,),
    )
    return score(asked, route_text(one)).correct


def _ride(leg: Leg) -> tuple[str, str, str]:
    return _letters(leg.route_name), _letters(leg.departure_stop), _letters(leg.arrival_stop)


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
