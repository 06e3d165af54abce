"""The honest replies to a question: what a model writes that knows the answer and nothing more."""

from __future__ import annotations

from typing import Final

from rm_rewards.composition import AnyReward, Composition
from rm_rewards.gold import gold_answer, route_text
from rm_rewards.network import Network
from rm_rewards.records import PLANNING, Leg, Question, RecordError, Route
from rm_rewards.search import Ride
from rm_rewards.truth import Truth, truth_of

_SEEN: Final = "<observe>The map.</observe><think>As it shows.</think><answer>{}</answer>"


def honest_routes(question: Question, network: Network | None) -> tuple[Route, ...]:
    """All best routes of a planning question: its own, else those found in the network.

    Raises:
        RecordError: If there is none.
    """
    if question.routes:
        return tuple(route for route in question.routes if route)
    truth = truth_of(question, network)
    if not truth.routes or network is None:
        raise RecordError("routes", None, f"a route for question {question.id!r}")
    ends = (question.station_1 or "", question.station_2 or "")
    return tuple(_written(route, truth, network, ends) for route in truth.routes)


def honest_replies(
    question: Question, network: Network | None, reward: AnyReward | None = None
) -> list[str]:
    """Every reply that deserves full marks: one for each best route, or the one right answer.

    In the form that the question asks for, or that the reward does (`observe-r1` has its own).

    Raises:
        RecordError: If the question has no answer.
    """
    if question.type == PLANNING:
        replies = [route_text(route) for route in honest_routes(question, network)]
    else:
        replies = [gold_answer(question)]
    return [dressed(reward, reply) for reply in replies]


def dressed(reward: AnyReward | None, reply: str) -> str:
    """The reply in the form that the reward asks for, where that is not the question's own."""
    spec = reward.base if isinstance(reward, Composition) else reward
    return reply if spec is None or spec.grader != "observe-r1" else _SEEN.replace("{}", reply)


def _written(
    route: tuple[Ride, ...], truth: Truth, network: Network, ends: tuple[str, str]
) -> Route:
    """With the question's own spelling of its two stations."""
    names = {**network.names, truth.origin: ends[0], truth.destination: ends[1]}
    return tuple(
        Leg(
            route_name=ride.line,
            departure_stop=names[ride.departure],
            arrival_stop=names[ride.arrival],
        )
        for ride in route
    )
