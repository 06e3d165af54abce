"""Planning scores on Beijing beside a naive scorer that decides the same.

The naive scorer is the way one would first write it: nothing is kept from one reply to the next,
names are compared one by one, rides are searched for each time. It knows names, not aliases, and no
layout but the one that is asked for. Three cases: routes that were never seen, routes that were
seen after other words, and replies that were seen as they are.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from rm_data import ask
from rm_rewards import PLANNING, Leg, Network, Question, Route, jsonl, route_text, score_group
from rm_rewards.marker import Marker
from rm_rewards.names import line_key, station_key

Measure: TypeAlias = Callable[..., Any]
Groups: TypeAlias = list[tuple[Question, list[str]]]
Ride: TypeAlias = tuple[str, str, str]
GROUP = 8
STATIONS = Path(__file__).resolve().parents[2] / "shared/reasonmap/stations"

UNKNOWN = "?"


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


@pytest.fixture(scope="module")
def beijing() -> Network:
    path = STATIONS / "china/beijing.json"
    if not path.is_file():
        pytest.skip(f"the published station lists are not at {STATIONS}")
    return jsonl.read_network(path)


@pytest.fixture(scope="module")
def groups(beijing: Network) -> Groups:
    """Planning questions on Beijing, each with eight routes: right, or wrong in one thing."""
    rng = random.Random(0)
    asked = [q for q in ask(beijing, seed=0, per_map=32) if q.type == PLANNING]
    return [(q, [route_text(_spoilt(_best(q), beijing, rng)) for _ in range(GROUP)]) for q in asked]


def _best(question: Question) -> Route:
    assert question.routes
    return question.routes[0]


def _spoilt(route: Sequence[Leg], network: Network, rng: random.Random) -> tuple[Leg, ...]:
    legs, i = list(route), rng.randrange(len(route))
    stop, line = rng.choice(network.stations).name, rng.choice(network.lines).name
    match rng.randrange(6):
        case 0:
            legs[i] = replace(legs[i], route_name=line)
        case 1:
            legs[i] = replace(legs[i], arrival_stop=stop)
        case 2:
            legs[i] = replace(legs[i], departure_stop=stop)
        case 3:
            end = legs[-1].arrival_stop
            legs.append(Leg(route_name=line, departure_stop=end, arrival_stop=stop))
        case 4:
            legs = legs[:-1] or legs
        case _:
            pass
    return tuple(legs)


def _measured(measure: Measure, work: Callable[[], object], groups: Groups, city: Network) -> None:
    def naive() -> None:
        for question, texts in groups:
            for text in texts:
                naive_score(question, text, city)

    measure(
        work,
        count=len(groups) * GROUP,
        unit="planning scores on Beijing",
        baseline=naive,
        named="a naive scorer",
    )


def test_the_naive_scorer_decides_alike(groups: Groups, beijing: Network) -> None:
    for question, texts in groups:
        for text, reward in zip(texts, score_group(question, texts, network=beijing), strict=True):
            total, reasons = naive_score(question, text, beijing)
            assert (reward.total, reward.reasons) == (pytest.approx(total), reasons)


def test_routes_that_were_never_seen(measure: Measure, groups: Groups, beijing: Network) -> None:
    def work() -> None:
        for question, texts in groups:
            Marker(question, beijing, "rewardmap").rewards(texts)

    _measured(measure, work, groups, beijing)


def test_routes_that_were_seen_after_other_words(
    measure: Measure, groups: Groups, beijing: Network
) -> None:
    words = iter(range(10**12))

    def work() -> None:
        for question, texts in groups:
            said = [f"I look at the map ({next(words)}).\n{text}" for text in texts]
            score_group(question, said, network=beijing)

    _measured(measure, work, groups, beijing)


def test_replies_that_were_seen(measure: Measure, groups: Groups, beijing: Network) -> None:
    def work() -> None:
        for question, texts in groups:
            score_group(question, texts, network=beijing)

    _measured(measure, work, groups, beijing)


@pytest.mark.parametrize("noise", ["I look at the map. ", "{", r"\boxed{yes}", "Line 1: A -> B\n"])
def test_a_reply_of_100_kilobytes(
    measure: Measure, groups: Groups, beijing: Network, noise: str
) -> None:
    question, texts = groups[0]
    length = 100_000
    short, long = ((noise * length)[:n] + "\n" + texts[0] for n in (length // 10, length))
    measure(
        lambda: Marker(question, beijing, "rewardmap").reward(long, 0),
        count=1,
        unit="replies of 100 kB",
        baseline=lambda: Marker(question, beijing, "rewardmap").reward(short, 0),
        named="a tenth of it",
    )
