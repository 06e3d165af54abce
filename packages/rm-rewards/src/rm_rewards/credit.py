"""Partial credit for a route: how much of it agrees with a best route of this very question.

Nothing is earned by what would suit any question, such as the name of some line that exists, or
two legs that join somewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import isfinite
from typing import Final

from rm_rewards.records import RecordError
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

    Raises:
        RecordError: If a value is negative or not finite, or if a direct route would earn nothing,
            so that its credit would have no scale.
    """

    origin: float = 1.0
    destination: float = 1.0
    legs: float = 1.0
    line: float = 3.0
    transfer_side: float = 1.0
    stray: float = 1.0
    surplus: float = 2.0

    def __post_init__(self) -> None:
        for row in fields(self):
            value: float = getattr(self, row.name)
            if not (isfinite(value) and value >= 0):
                raise RecordError(f"points.{row.name}", value, "a finite number, 0 or more")
        if self.full(1) == 0:
            raise RecordError("points", self.full(1), "points for a direct route")

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
    if not 0 < len(rides) <= _MOST_LEGS:
        return 0.0
    shares = (
        _earned(rides, route, truth, points) / points.full(len(route)) for route in truth.routes
    )
    return min(1.0, max(0.0, max(shares, default=0.0)))


def _earned(
    rides: Sequence[Ride], route: Sequence[Ride], truth: Truth, points: PlanningPoints
) -> float:
    usable = [r.departure != r.arrival and r not in rides[:i] for i, r in enumerate(rides)]
    starts = usable[0] and rides[0].departure == route[0].departure
    arrives = usable[-1] and rides[-1].arrival == route[-1].arrival
    gains = [
        [_gain(ride, route, j, truth, points) if use else 0.0 for j in range(len(route))]
        for ride, use in zip(rides, usable, strict=True)
    ]
    costs = [points.stray] * len(rides)
    if starts:
        costs[0] = 0.0
    if arrives:
        costs[-1] = 0.0
    total = max(_aligned(gains, costs), _straight(gains, costs, points))
    total += points.origin * starts + points.destination * arrives
    return total - points.surplus * max(0, len(rides) - len(route))


def _gain(ride: Ride, route: Sequence[Ride], j: int, truth: Truth, points: PlanningPoints) -> float:
    """What a ride earns as leg j of the route: the line, and its sides of the transfers."""
    right = route[j]
    gain = 0.0
    if ride.line == right.line and truth.directory.runs(*ride):
        gain += points.line
    if j > 0 and ride.departure == right.departure:
        gain += points.transfer_side
    if j < len(route) - 1 and ride.arrival == right.arrival:
        gain += points.transfer_side
    return gain


def _aligned(gains: Sequence[Sequence[float]], costs: Sequence[float]) -> float:
    """The best pairing of legs that keeps their order; a leg without a partner has its cost."""
    best = [0.0] * (len(gains[0]) + 1)
    for row, cost in zip(gains, costs, strict=True):
        last = best[0] - cost
        following = [last]
        for j, gain in enumerate(row):
            last = max(last, best[j + 1] - cost)
            if gain > 0:
                last = max(last, best[j] + gain)
            following.append(last)
        best = following
    return best[-1]


def _straight(
    gains: Sequence[Sequence[float]], costs: Sequence[float], points: PlanningPoints
) -> float:
    """Leg for leg, with the points for their number: where each leg agrees in something."""
    if len(gains) != len(gains[0]):
        return float("-inf")
    own = [row[i] for i, row in enumerate(gains)]
    if any(gain == 0 and cost > 0 for gain, cost in zip(own, costs, strict=True)):
        return float("-inf")
    return sum(own) + points.legs
