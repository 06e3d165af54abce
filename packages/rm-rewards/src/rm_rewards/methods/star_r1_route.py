"""STAR-R1 for transit maps: three statements a leg, about its line, where it starts and ends.

Source: the map form is ours, after arXiv 2505.15804 (see `star_r1`).

    share = statements that agree, over the best pairing of legs in order / max(true, predicted)

The index and the field of a statement are given by the form of the answer, so that only exact ones
earn. The question itself gives where the first leg starts and the last one ends: these two, if
right, are left out on both sides. Otherwise a reply that has not seen the map earns two thirds of a
direct ride. Legs are paired in order and not by their number, so that a wrong leg that is put in
never moves others to where they are right. Range: 0 to 1; 1 for right routes alone.

Blind to: a stop next to the right one; whether the legs join.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rm_rewards.judge import faults
from rm_rewards.methods.star_r1 import StarScore, Triple, published
from rm_rewards.network import Network
from rm_rewards.records import Question
from rm_rewards.route import read_route
from rm_rewards.search import Ride
from rm_rewards.truth import Truth, truth_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteStar:
    """What a reply that plans a route earns.

    Attributes:
        well_formed: Whether it has the form that was asked for.
        correct: Whether the route is right.
        share: The share by the best route that suits it best; 1 for any right route.
        published: The published points and penalty of all statements, by leg number, by the route
            that gives most.
    """

    well_formed: bool
    correct: bool
    share: float
    published: StarScore


def route_star(question: Question, reply: str, *, network: Network | None = None) -> RouteStar:
    """STAR-R1's credit for a planned route. No text makes it raise.

    Raises:
        RecordError: If the question has neither a network nor routes to judge by.
    """
    return star(truth_of(question, network), reply)


def star(truth: Truth, reply: str) -> RouteStar:
    """As `route_star`, against a truth that has been worked out."""
    reading = read_route(reply)
    rides = truth.rides(reading.legs)
    routes = truth.routes or ((),)
    correct = bool(rides) and not faults(rides, truth)
    best = max(_share(rides, route, truth) for route in routes)
    said = route_triples(rides)
    return RouteStar(
        well_formed=reading.well_formed,
        correct=correct,
        share=1.0 if correct else best,
        published=max(
            (published(said, route_triples(route)) for route in routes),
            key=lambda found: found.answer,
        ),
    )


def route_triples(rides: Sequence[Ride]) -> tuple[Triple, ...]:
    """The statements of a route, with the number of the leg as their index."""
    return tuple(
        Triple(i, name, value)
        for i, ride in enumerate(rides)
        for name, value in (("line", ride.line), ("from", ride.departure), ("to", ride.arrival))
    )


def _share(rides: Sequence[Ride], route: Sequence[Ride], truth: Truth) -> float:
    if not rides or not route:
        return 0.0
    told = (rides[0].departure == truth.origin) + (rides[-1].arrival == truth.destination)
    size = max(3 * len(rides) - told, 3 * len(route) - 2)
    best = [0] * (len(route) + 1)
    for ride in rides:
        following = [0]
        for j in range(len(route)):
            paired = best[j] + _agreeing(ride, route, j)
            following.append(max(best[j + 1], following[j], paired))
        best = following
    return best[-1] / size


def _agreeing(ride: Ride, route: Sequence[Ride], j: int) -> int:
    """How many statements agree with leg j, without the two that the question gives."""
    right = route[j]
    starts = j > 0 and ride.departure == right.departure
    ends = j < len(route) - 1 and ride.arrival == right.arrival
    return (ride.line == right.line) + starts + ends
