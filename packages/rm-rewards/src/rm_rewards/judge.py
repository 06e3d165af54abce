"""Is a route right: can it be ridden, from the origin to the destination, as short as can be?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias

from rm_rewards.directory import is_known
from rm_rewards.search import Ride
from rm_rewards.truth import Truth

Accept: TypeAlias = Literal["min-transfers", "best", "any"]
ACCEPTED: Final = ("min-transfers", "best", "any")


def faults(
    rides: Sequence[Ride], truth: Truth, accept: Accept = "min-transfers"
) -> tuple[str, ...]:
    """The codes of all that is wrong with a route; none if it is right.

    One of the question's own best routes is right. So is any other that can be ridden in the
    network, leads from the origin to the destination, boards or leaves no station twice, and has
    no more transfers than a best route has. `accept="any"` drops the last condition;
    `accept="best"` takes the best routes only.
    """
    if tuple(rides) in truth.routes:
        return ()
    found = [*_ends(rides, truth), *_legs(rides, truth)]
    if _loops(rides):
        found.append("loop")
    found += _length(rides, truth) if accept != "any" else ()
    if not found and (accept == "best" or truth.alone or truth.transfers is None):
        found.append("other_route")
    return tuple(found)


def _ends(rides: Sequence[Ride], truth: Truth) -> Iterator[str]:
    if rides[0].departure != truth.origin:
        yield "wrong_origin"
    if rides[-1].arrival != truth.destination:
        yield "wrong_destination"


def _legs(rides: Sequence[Ride], truth: Truth) -> Iterator[str]:
    for i, ride in enumerate(rides):
        code = _leg_fault(ride, truth)
        if code:
            yield f"leg{i + 1}:{code}"
        if i and rides[i - 1].arrival != ride.departure:
            yield f"leg{i + 1}:does_not_join"


def _leg_fault(ride: Ride, truth: Truth) -> str:
    directory = truth.directory
    checks = (
        (not is_known(ride.line), "unknown_line"),
        (not is_known(ride.departure), "unknown_departure"),
        (not is_known(ride.arrival), "unknown_arrival"),
        (ride.departure == ride.arrival, "goes_nowhere"),
    )
    for wrong, code in checks:
        if wrong:
            return code
    if not all(directory.serves(ride.line, p) for p in (ride.departure, ride.arrival)):
        return "stop_not_on_line"
    return "" if directory.ride(ride.line, ride.departure, ride.arrival) else "not_connected"


def _loops(rides: Sequence[Ride]) -> bool:
    """Whether a station is come back to. Passing through one twice is not seen as a loop.

    The published lists write branches one after the other, so that what a train passes on the way
    cannot be told from them with certainty.
    """
    stops = [
        rides[0].departure,
        *(ride.arrival for ride in rides if ride.departure != ride.arrival),
    ]
    return len(stops) != len(set(stops))


def _length(rides: Sequence[Ride], truth: Truth) -> Iterator[str]:
    if truth.transfers is None:
        return
    if len(rides) - 1 > truth.transfers:
        yield "extra_leg"
    elif len(rides) < min(len(route) for route in truth.routes):
        yield "missing_leg"
