"""One scored reply laid out to be read: what was asked, what was understood, what it earned."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from rm_rewards.network import Network
from rm_rewards.reasons import meaning
from rm_rewards.records import PLANNING, Completion, Question, Reward
from rm_rewards.route_grading import written
from rm_rewards.scoring import score_completion
from rm_rewards.search import Ride
from rm_rewards.specs import RewardSpec, reward_spec
from rm_rewards.truth import truth_of

_INDENT: Final = 13
_WIDTH: Final = 100
_ROUTES_SHOWN: Final = 3


def explain(
    question: Question,
    completion: Completion,
    *,
    network: Network | None = None,
    reward: str | RewardSpec = "rewardmap",
) -> str:
    """The reward of one reply as a page of text: the parse, each component, the reasons.

    Raises:
        RecordError: As `rm_rewards.score`.
    """
    spec = reward_spec(reward)
    found = score_completion(question, completion, network=network, reward=spec)
    parts = [*_asked(question, network), *_replied(completion, found), *_earned(found, spec)]
    return "\n".join(parts)


def _entry(label: str, text: str) -> str:
    lines = text.splitlines() or [""]
    wrapped = [
        piece
        for line in lines
        for piece in (textwrap.wrap(line, _WIDTH - _INDENT, break_on_hyphens=False) or [""])
    ]
    return "\n".join(
        f"{label if i == 0 else '':<{_INDENT}}{line}".rstrip() for i, line in enumerate(wrapped)
    )


def _asked(question: Question, network: Network | None) -> Iterator[str]:
    yield _entry("question", f"{question.id} ({question.type}, {question.difficulty_city} map)")
    if question.question:
        yield _entry("", question.question)
    if question.type == PLANNING:
        yield _entry("from, to", f"{question.station_1} -> {question.station_2}")
        yield from _routes(question, network)
    else:
        yield _entry("answer", str(question.answer))


def _routes(question: Question, network: Network | None) -> Iterator[str]:
    routes = [written(route) for route in question.routes or ()]
    if not routes and network is not None:
        truth = truth_of(question, network)
        routes = [_shown(route, network) for route in truth.routes]
    for i, route in enumerate(routes[:_ROUTES_SHOWN]):
        yield _entry("best" if i == 0 else "", route or "")
    more = len(routes) - _ROUTES_SHOWN
    if more > 0:
        yield _entry("", f"and {more} more")


def _shown(route: tuple[Ride, ...], network: Network) -> str:
    return " | ".join(
        f"{ride.line}: {network.names[ride.departure]} -> {network.names[ride.arrival]}"
        for ride in route
    )


def _replied(completion: Completion, found: Reward) -> Iterator[str]:
    yield _entry("reply", completion.text)
    yield _entry("read as", "nothing" if found.parsed is None else found.parsed)
    yield _entry("status", f"{found.status}, {'correct' if found.correct else 'wrong'}")


def _earned(found: Reward, spec: RewardSpec) -> Iterator[str]:
    low, high = spec.bounds
    yield _entry("format", f"{found.format:g}")
    yield _entry("correctness", f"{found.correctness:g}")
    yield _entry("detail", f"{found.detail:.4g} x alpha {spec.alpha:g}")
    note = "multiplied into the total" if spec.weighted else "not in the total"
    yield _entry("weight", f"{found.weight:g} ({note})")
    yield _entry("total", f"{found.total:.6g} (range {low:g} to {high:g})")
    for i, code in enumerate(found.reasons):
        yield _entry("reasons" if i == 0 else "", f"{code}: {meaning(code)}")
    yield _entry("version", found.reward_version)
