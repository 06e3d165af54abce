"""Is a route right: can it be ridden, from the origin to the destination, as short as can be?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias

from rm_rewards.directory import Directory, is_known
from rm_rewards.search import Ride
from rm_rewards.truth import Truth

Accept: TypeAlias = Literal["min-transfers", "any", "pareto", "shortest", "best"]
ACCEPTED: Final = ("min-transfers", "any", "pareto", "shortest", "best")
BY_STOPS: Final = ("pareto", "shortest")
"""Those that count stops, and so need `Truth.front`."""


def faults(
    rides: Sequence[Ride], truth: Truth, accept: Accept = "min-transfers"
) -> tuple[str, ...]:
    """The codes of all that is wrong with a route; none if it is right.

    One of the question's own best routes is right. So is any other that can be ridden in the
    network, leads from the origin to the destination, boards or leaves no station twice, and that
    `accept` takes:

    - `min-transfers`: with no more transfers than a best route has;
    - `any`: each of them;
    - `pareto`: those that no other beats: one with fewer transfers and no more stops, or with fewer
      stops and no more transfers;
    - `shortest`: those with the fewest stops, however many transfers they have;
    - `best`: none beside the question's own.
    """
    if tuple(rides) in truth.routes:
        return ()
    found = [*_ends(rides, truth), *_legs(rides, truth)]
    if _loops(rides):
        found.append("loop")
    if accept in BY_STOPS:
        found += _ridden(rides, truth, accept) if not found else ()
    elif accept != "any":
        found += _length(rides, truth)
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
        code = leg_fault(ride, truth.directory)
        if code:
            yield f"leg{i + 1}:{code}"
        if i and rides[i - 1].arrival != ride.departure:
            yield f"leg{i + 1}:does_not_join"


def leg_fault(ride: Ride, directory: Directory) -> str:
    """The code of what is wrong with a leg by itself, or an empty text."""
    line, departure, arrival = ride
    if departure != arrival and directory.runs(line, departure, arrival):
        return ""
    for name, kind in ((line, "line"), (departure, "departure"), (arrival, "arrival")):
        if not is_known(name):
            return f"unknown_{kind}"
    if departure == arrival:
        return "goes_nowhere"
    served = directory.serves(line, departure) and directory.serves(line, arrival)
    return "not_connected" if served else "stop_not_on_line"


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


def _ridden(rides: Sequence[Ride], truth: Truth, accept: Accept) -> Iterator[str]:
    """What is too much about a route that can be ridden, by the front of those that none beats."""
    if not truth.front:
        return
    directory = truth.directory
    stops = sum(len(directory.ride(r.line, r.departure, r.arrival)) - 1 for r in rides)
    if accept == "shortest":
        if stops > truth.front[-1][1]:
            yield "longer_ride"
        return
    least = min((s for legs, s in truth.front if legs <= len(rides)), default=stops)
    if stops > least:
        yield "longer_ride"
    elif any(legs < len(rides) and s <= stops for legs, s in truth.front):
        yield "extra_leg"
