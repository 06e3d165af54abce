from __future__ import annotations

from itertools import permutations
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rm_data import load_network
from rm_data.ground import Ground, ground_of
from rm_data.routes import spelled
from rm_data.tracing import tracer_of
from rm_rewards import Network, Route, from_published


def of_the_table(ground: Ground, start: str, end: str) -> tuple[Route, ...]:
    ways = tuple(ground.table.ways(start, end))
    sure = all(
        ride.known and ride.start not in ground.alike and ride.end not in ground.alike
        for way in ways
        for ride in way
    )
    return tuple(r for way in ways for r in spelled(ground.network, way)) if sure else ()


def assert_traced(network: Network, every: int = 1) -> int:
    ground = ground_of(network)
    tracer, ids = tracer_of(ground), ground.table.ids
    pairs = [(a, b) for a, b in permutations(range(len(ids)), 2) if ids[a] in ground.stations]
    for a, b in pairs[::every]:
        assert tracer.certain_routes(a, b) == of_the_table(ground, ids[a], ids[b])
    return len(pairs[::every])


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_traced_routes_are_those_of_the_table_in_the_same_order(
    random_networks: SearchStrategy[Network], data: st.DataObject
) -> None:
    assert_traced(data.draw(random_networks))


def test_traced_routes_of_real_cities_are_those_of_the_table(station_lists: Path) -> None:
    for place in ("china/shanghai", "china/dalian", "america/washington", "singapore/singapore"):
        assert assert_traced(load_network(station_lists / f"{place}.json"), every=211) > 40


def test_a_station_with_two_spellings_is_no_place_to_change() -> None:
    lists = {"One": ["A", "B", "Union", "C"], "Two": ["Union Station", "D"], "Three": ["B", "D"]}
    ground = ground_of(from_published(lists, city="c"))
    place = {stop: i for i, stop in enumerate(ground.table.ids)}
    tracer = tracer_of(ground)
    assert tracer.certain_routes(place["C"], place["D"]) == ()
    assert [leg.route_name for leg in tracer.certain_routes(place["A"], place["D"])[0]] == [
        "One",
        "Three",
    ]
