"""Planning questions on Beijing, and a naive scorer that decides as `rewardmap` does.

The naive scorer is the way one would first write it: nothing is kept from one reply to the next,
names are compared one by one, rides are searched for each time. It knows names, not aliases, and no
layout but the one that is asked for.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import TypeAlias

import pytest

from rm_data import ask
from rm_rewards import PLANNING, Leg, Network, Question, Route, jsonl
from rm_rewards.names import line_key, station_key

NaiveScore: TypeAlias = Callable[[Question, str, Network], tuple[float, tuple[str, ...]]]
Ride: TypeAlias = tuple[str, str, str]
STATIONS = Path(__file__).resolve().parents[3] / "shared/reasonmap/stations"
UNKNOWN = "?"


@pytest.fixture(scope="session")
def beijing() -> Network:
    path = STATIONS / "china/beijing.json"
    if not path.is_file():
        pytest.skip(f"the published station lists are not at {STATIONS}")
    return jsonl.read_network(path)


@pytest.fixture(scope="session")
def asked(beijing: Network) -> list[Question]:
    return [q for q in ask(beijing, seed=0, per_map=96) if q.type == PLANNING]


@pytest.fixture(scope="session")
def naive() -> NaiveScore:
    return naive_score


def naive_score(question: Question, text: str, network: Network) -> tuple[float, tuple[str, ...]]:
    """The total and the reasons."""
    legs = [_ride(leg, network) for leg in _legs(text)]
    best = [[_ride(leg, network) for leg in route] for route in question.routes or ()]
    reasons = _faults(legs, best, question, network)
    detail = min(0.9, max(0.0, *(_share(legs, r, network) for r in best))) if reasons else 1.0
    return 1.0 + (not reasons) + 0.5 * detail, tuple(reasons)


def _legs(text: str) -> Route:
    found: list[Leg] = []
    for section in text[text.index("Route Name:") :].split("\n--\n"):
        values = [line.partition(": ")[2].strip() for line in section.strip().split("\n")]
        found.append(Leg(route_name=values[0], departure_stop=values[1], arrival_stop=values[2]))
    return tuple(found)


def _ride(leg: Leg, network: Network) -> Ride:
    names = [n.name for n in network.lines if line_key(n.name) == line_key(leg.route_name)]
    return (
        names[0] if names else UNKNOWN + line_key(leg.route_name),
        _place(leg.departure_stop, network),
        _place(leg.arrival_stop, network),
    )


def _place(name: str, network: Network) -> str:
    ids = [s.id for s in network.stations if station_key(s.name) == station_key(name)]
    return ids[0] if ids else UNKNOWN + station_key(name)


def _faults(
    legs: Sequence[Ride],
    best: Sequence[Sequence[Ride]],
    question: Question,
    network: Network,
) -> list[str]:
    if list(legs) in best:
        return []
    found: list[str] = []
    if legs[0][1] != _place(question.station_1 or "", network):
        found.append("wrong_origin")
    if legs[-1][2] != _place(question.station_2 or "", network):
        found.append("wrong_destination")
    found += [f"leg{i + 1}:{code}" for i, code in _leg_faults(legs, network)]
    stops = [legs[0][1], *(leg[2] for leg in legs if leg[1] != leg[2])]
    if len(stops) != len(set(stops)):
        found.append("loop")
    if len(legs) > max(map(len, best)):
        found.append("extra_leg")
    elif len(legs) < min(map(len, best)):
        found.append("missing_leg")
    return found


def _leg_faults(legs: Sequence[Ride], network: Network) -> Iterator[tuple[int, str]]:
    for i, leg in enumerate(legs):
        code = _leg_fault(leg, network)
        if code:
            yield i, code
        if i and legs[i - 1][2] != leg[1]:
            yield i, "does_not_join"


def _leg_fault(leg: Ride, network: Network) -> str:
    line, start, end = leg
    for name, code in ((line, "line"), (start, "departure"), (end, "arrival")):
        if name.startswith(UNKNOWN):
            return f"unknown_{code}"
    if start == end:
        return "goes_nowhere"
    if not _serves(network, line, start) or not _serves(network, line, end):
        return "stop_not_on_line"
    return "" if _rides(leg, network) else "not_connected"


def _serves(network: Network, line: str, place: str) -> bool:
    key = station_key(network.names[place])
    return any(station_key(network.names[stop]) == key for stop in network.stops_of(line))


def _rides(leg: Ride, network: Network) -> bool:
    line, start, end = leg
    near = network.neighbours.get(line, {})
    seen, edge = {start}, [start]
    while edge:
        edge = [there for here in edge for there in near.get(here, ()) if there not in seen]
        seen.update(edge)
    return start in near and end in seen


def _share(legs: Sequence[Ride], best: Sequence[Ride], network: Network) -> float:
    """The points over those of a perfect route, for the best of all pairings of legs."""
    usable = [leg[1] != leg[2] and leg not in legs[:i] for i, leg in enumerate(legs)]
    starts = usable[0] and legs[0][1] == best[0][1]
    arrives = usable[-1] and legs[-1][2] == best[-1][2]
    gains = [
        [_gain(leg, best, j, network) if use else 0 for j in range(len(best))]
        for leg, use in zip(legs, usable, strict=True)
    ]
    costs = [
        0 if (i == 0 and starts) or (i == len(legs) - 1 and arrives) else 1
        for i in range(len(legs))
    ]
    options: list[int] = []
    for size in range(min(len(legs), len(best)) + 1):
        for own in combinations(range(len(legs)), size):
            for other in combinations(range(len(best)), size):
                pairs = list(zip(own, other, strict=True))
                if all(gains[i][j] for i, j in pairs):
                    rest = sum(cost for i, cost in enumerate(costs) if i not in own)
                    options.append(sum(gains[i][j] for i, j in pairs) - rest)
    if len(legs) == len(best) and all(gains[i][i] or not costs[i] for i in range(len(legs))):
        options.append(sum(gains[i][i] for i in range(len(legs))) + 1)
    earned = max(options) + starts + arrives - 2 * max(0, len(legs) - len(best))
    return min(1.0, max(0.0, earned / (5 * len(best) + 1)))


def _gain(leg: Ride, best: Sequence[Ride], j: int, network: Network) -> int:
    gain = 3 if leg[0] == best[j][0] and _rides(leg, network) else 0
    gain += j > 0 and leg[1] == best[j][1]
    return gain + (j < len(best) - 1 and leg[2] == best[j][2])
