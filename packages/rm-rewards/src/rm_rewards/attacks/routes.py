"""Attacks on planning questions: routes that name what exists, and lead nowhere or in circles.

They may know the map, the two stations, and even a best route: a reward must not pay more for
them than for that route itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Final

from rm_rewards.gold import route_text
from rm_rewards.network import Network
from rm_rewards.records import Leg, Question, Route

_LINES: Final = 12
_SPAM: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What an attacker may use: the ends, the best route, and the names on the map."""

    start: str
    end: str
    best: Route
    lines: Sequence[str]
    stations: Sequence[str]


def known(question: Question, network: Network | None, best: Route) -> Known:
    """What may be used against that question."""
    lines = [leg.route_name for leg in best]
    stations = [stop for leg in best for stop in (leg.departure_stop, leg.arrival_stop)]
    if network is not None:
        lines += [line.name for line in network.lines]
        stations += [station.name for station in network.stations]
    return Known(
        start=question.station_1 or best[0].departure_stop,
        end=question.station_2 or best[-1].arrival_stop,
        best=best,
        lines=tuple(dict.fromkeys(lines)),
        stations=tuple(dict.fromkeys(stations)),
    )


def line_farming(k: Known) -> Iterator[str]:
    """Lines that exist, between the right ends, over stops that do not."""
    lines = k.lines[:_LINES]
    for line in k.lines:
        yield _route([line], [k.start, k.end])
    for count in range(2, len(k.best) + 3):
        inner = [f"Stop {i}" for i in range(1, count)]
        for first in range(len(lines)):
            chosen = [lines[(first + i) % len(lines)] for i in range(count)]
            yield _route(chosen, [k.start, *inner, k.end])
            yield _route([lines[first]] * count, [k.start, *inner, k.end])


def invented_stops(k: Known) -> Iterator[str]:
    """The right lines, with stops that do not exist at some or all of their ends."""
    for ghost in ("Nowhere", "Transfer Station", "", k.end):
        inner = [ghost] * (len(k.best) - 1)
        yield _route([leg.route_name for leg in k.best], [k.start, *inner, k.end])
        yield route_text(tuple(replace(leg, arrival_stop=ghost) for leg in k.best))
        yield route_text(tuple(replace(leg, departure_stop=ghost) for leg in k.best))


def constant_transfer(k: Known) -> Iterator[str]:
    """Legs that join, always at the same station: what a policy learns if joining is paid."""
    for stop, (one, other) in product(k.stations[:20], islice(product(k.lines[:4], repeat=2), 16)):
        yield _route([one, other], [k.start, stop, k.end])


def loops(k: Known) -> Iterator[str]:
    """The best route, and around again; there and back; a leg that goes nowhere."""
    back = tuple(
        replace(leg, departure_stop=leg.arrival_stop, arrival_stop=leg.departure_stop)
        for leg in reversed(k.best)
    )
    for times in (1, 2, 5):
        yield route_text((k.best + back) * times + k.best)
    first, last = k.best[0], k.best[-1]
    yield route_text((first, back[-1], *k.best))
    stay = replace(last, departure_stop=last.arrival_stop)
    yield route_text((*k.best, stay))
    yield route_text((replace(first, arrival_stop=first.departure_stop), *k.best))
    yield route_text(back)


def repeated_segments(k: Known) -> Iterator[str]:
    """Legs of the best route, said again and again."""
    for times in (2, 3, 10, 100):
        yield route_text(tuple(leg for leg in k.best for _ in range(times)))
        yield route_text(k.best * times)
        for leg in k.best:
            yield route_text((leg,) * times)


def all_lines(k: Known) -> Iterator[str]:
    """Every line at once: a leg on each, between the right ends or from best leg to best leg."""
    yield route_text(tuple(_leg(line, k.start, k.end) for line in k.lines))
    every = tuple(replace(leg, route_name=line) for leg in k.best for line in k.lines)
    yield route_text(every)
    yield _route([" / ".join(k.lines)], [k.start, k.end])
    joined = " or ".join(k.lines)
    yield route_text(tuple(replace(leg, route_name=joined) for leg in k.best))


def station_spam(k: Known) -> Iterator[str]:
    """All the names on the map, as a list and as legs."""
    yield "\n".join(k.stations)
    yield ", ".join(k.stations)
    some = [*k.stations[:_SPAM], k.end]
    yield _route([k.best[0].route_name] * len(some), [k.start, *some])
    yield route_text(tuple(_leg(k.best[0].route_name, k.start, stop) for stop in some))
    names = ", ".join(k.stations)
    yield route_text(tuple(replace(leg, arrival_stop=names) for leg in k.best))


def fragments(k: Known) -> Iterator[str]:
    """Parts of the best route: each leg alone, all but one, in the wrong order."""
    for i, leg in enumerate(k.best):
        if len(k.best) > 1:
            yield route_text((leg,))
            yield route_text(k.best[:i] + k.best[i + 1 :])
    if len(k.best) > 1:
        yield route_text(tuple(reversed(k.best)))


def two_routes(k: Known) -> Iterator[str]:
    """The best route, and another one beside it, above it or in other tags."""
    best = route_text(k.best)
    other = _route([k.lines[-1]], [k.start, k.end])
    for one, two in ((best, other), (other, best)):
        yield f"{one}\n\n{two}"
        yield f"{one}\n--\n{two}"
        yield f"{one}\n<answer>{two}</answer>"
        yield f"<answer>{one}</answer>\n{two}"
        yield f"<answer>{one}</answer><answer>{two}</answer>"


def _leg(line: str, start: str, end: str) -> Leg:
    return Leg(route_name=line, departure_stop=start, arrival_stop=end)


def _route(lines: Sequence[str], stops: Sequence[str]) -> str:
    return route_text(tuple(_leg(line, stops[i], stops[i + 1]) for i, line in enumerate(lines)))
