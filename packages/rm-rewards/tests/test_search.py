from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rm_rewards import Line, Network, Station
from rm_rewards.directory import Directory, directory_of
from rm_rewards.jsonl import read_network
from rm_rewards.search import Ride, best_routes

DEMO = directory_of(read_network(Path(__file__).parent / "data/demo.json"))


@pytest.mark.parametrize(
    ("start", "end", "routes"),
    [
        ("a", "e", [[("Red Line", "a", "e")]]),
        ("a", "h", [[("Red Line", "a", "c"), ("Blue Line", "c", "h")]]),
        ("a", "j", [[("Red Line", "a", "c"), ("Blue Line", "c", "h"), ("Line 3", "h", "j")]]),
        ("h", "k", [[("Line 3", "h", "k")]]),
        ("a", "o", []),
        ("a", "a", []),
        ("a", "unknown", []),
    ],
)
def test_the_best_routes_of_the_demo_map(
    start: str, end: str, routes: list[list[tuple[str, str, str]]]
) -> None:
    expected = [tuple(Ride(*ride) for ride in route) for route in routes]
    assert list(best_routes(DEMO, start, end)) == expected


@st.composite
def networks(draw: st.DrawFn) -> Network:
    names = [chr(65 + i) for i in range(draw(st.integers(3, 7)))]
    path = st.permutations(names).flatmap(
        lambda order: st.integers(2, len(order)).map(lambda n: tuple(order[:n]))
    )
    paths = draw(st.lists(path, min_size=1, max_size=4))
    lines = tuple(Line(name=f"Line {i}", paths=(p,)) for i, p in enumerate(paths))
    return Network(city="x", lines=lines, stations=tuple(Station(id=n, name=n) for n in names))


def _walks(directory: Directory, start: str, end: str, legs: int) -> list[list[Ride]]:
    if legs == 0:
        return [[]] if start == end else []
    return [
        [Ride(line, start, stop), *rest]
        for line, stops in directory.near.items()
        if start in stops
        for stop in stops
        if stop != start
        for rest in _walks(directory, stop, end, legs - 1)
    ]


@settings(max_examples=60)
@given(networks())
def test_no_other_route_is_better_and_none_of_the_best_is_missed(network: Network) -> None:
    directory = directory_of(network)
    for start, end in product("AC", "BD"):
        if end not in directory.lines_at:
            continue
        found = best_routes(directory, start, end)
        walks: list[list[Ride]] = []
        for legs in (1, 2, 3):
            walks = walks or _walks(directory, start, end, legs)
        if not walks:
            assert all(len(route) > 3 for route in found)
            continue
        stops = [sum(len(directory.ride(r.line, r.departure, r.arrival)) for r in w) for w in walks]
        best = {tuple(w) for w, n in zip(walks, stops, strict=True) if n == min(stops)}
        assert set(found) == best or len(found) == 64
