"""Partial credit for a route: how much of it agrees with a best route of this very question.

Nothing is earned by what would suit any question, such as the name of some line that exists, or
two legs that join somewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rm_rewards.search import Ride
from rm_rewards.truth import Truth

_MOST_LEGS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningPoints:
    """The table of points. A route's credit is its points over those of a perfect route.

    Attributes:
        origin: The first leg departs from the origin.
        destination: The last leg arrives at the destination.
        legs: As many legs as the best route, each of which agrees with it in something.
        line: For each leg: the right line, with both of its stops on that line.
        transfer_side: For each side of each transfer: the right station.
        stray: Taken off for each leg that agrees with the best route in nothing.
        surplus: Taken off for each leg more than the best route has.
    """

    origin: float = 1.0
    destination: float = 1.0
    legs: float = 1.0
    line: float = 3.0
    transfer_side: float = 1.0
    stray: float = 1.0
    surplus: float = 2.0

    def full(self, legs: int) -> float:
        """What a perfect route of that many legs earns."""
        ends = self.origin + self.destination
        return ends + self.legs + legs * self.line + 2 * (legs - 1) * self.transfer_side


def credit(rides: Sequence[Ride], truth: Truth, points: PlanningPoints) -> float:
    """The share in [0, 1] of the points that a route earns, by the best route that suits it best.

    Legs are compared in order; a leg left out or put in does not shift the others. A leg that
    repeats an earlier one, or goes nowhere, agrees with nothing.

    Example:
        With the best route `1: A -> X`, `2: X -> B`, a perfect route has 11 points. The reply
        `1: A -> Y`, `2: Y -> B` has the origin, the destination, two legs and two lines (if both
        serve Y): 9 points, 0.82.
    """
    if len(rides) > _MOST_LEGS:
        return 0.0
    usable = [_is_grounded(rides, i) for i in range(len(rides))]
    shares = (
        _earned(rides, usable, route, truth, points) / points.full(len(route))
        for route in truth.routes
    )
    return min(1.0, max(0.0, max(shares, default=0.0)))


def _is_grounded(rides: Sequence[Ride], i: int) -> bool:
    return rides[i].departure != rides[i].arrival and rides[i] not in rides[:i]


def _earned(
    rides: Sequence[Ride],
    usable: Sequence[bool],
    route: Sequence[Ride],
    truth: Truth,
    points: PlanningPoints,
) -> float:
    """The best alignment in order: each leg is paired with one of the route, or is stray."""
    gains = [
        [_gain(rides, i, route, j, truth, points) if usable[i] else 0.0 for j in range(len(route))]
        for i in range(len(rides))
    ]
    best = [0.0] * (len(route) + 1)
    for row in gains:
        following = [best[0] - points.stray]
        for j, gain in enumerate(row):
            paired = best[j] + gain if gain > 0 else float("-inf")
            following.append(max(best[j + 1] - points.stray, following[j], paired))
        best = following
    total = best[-1]
    if len(rides) == len(route):
        straight = [gains[i][i] for i in range(len(rides))]
        if all(gain > 0 for gain in straight):
            total = max(total, sum(straight) + points.legs)
    return total - points.surplus * max(0, len(rides) - len(route))


def _gain(
    rides: Sequence[Ride],
    i: int,
    route: Sequence[Ride],
    j: int,
    truth: Truth,
    points: PlanningPoints,
) -> float:
    """What leg i earns as leg j of the route."""
    ride, right = rides[i], route[j]
    gain = 0.0
    if ride.line == right.line and truth.directory.ride(ride.line, ride.departure, ride.arrival):
        gain += points.line
    if ride.departure == right.departure and (j > 0 or i == 0):
        gain += points.transfer_side if j else points.origin
    last = j == len(route) - 1
    if ride.arrival == right.arrival and (not last or i == len(rides) - 1):
        gain += points.destination if last else points.transfer_side
    return gain
