from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from random import Random
from typing import TypeAlias

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rm_data import find_networks, load_network, min_transfers, routes
from rm_rewards import Leg, Line, Network, RecordError, Route, Station

Node: TypeAlias = tuple[str, str]
"""(station, line); (station, "") is the platform where lines are changed."""

BOARD = 1000


def network_of(*lines: Line) -> Network:
    ids = dict.fromkeys(stop for line in lines for path in line.paths for stop in path)
    return Network(city="test", lines=lines, stations=tuple(Station(id=i, name=i) for i in ids))


def oracle(network: Network) -> nx.DiGraph[Node]:
    graph: nx.DiGraph[Node] = nx.DiGraph()
    graph.add_nodes_from((stop, "") for stop in network.names)
    for line in network.lines:
        for path in line.paths:
            for stop in path:
                graph.add_edge((stop, ""), (stop, line.name), weight=BOARD)
                graph.add_edge((stop, line.name), (stop, ""), weight=0)
            closed = [*path, path[0]] if line.loop and len(path) > 2 else path
            for a, b in pairwise(closed):
                graph.add_edge((a, line.name), (b, line.name), weight=1)
                graph.add_edge((b, line.name), (a, line.name), weight=1)
    return graph


def oracle_cost(graph: nx.DiGraph[Node], a: str, b: str) -> tuple[int, int] | None:
    try:
        weight = int(nx.dijkstra_path_length(graph, (a, ""), (b, ""), weight="weight"))
    except nx.NetworkXNoPath:
        return None
    return weight // BOARD - 1, weight % BOARD


def oracle_routes(network: Network, graph: nx.DiGraph[Node], a: str, b: str) -> set[Route]:
    found: set[Route] = set()
    for path in nx.all_shortest_paths(graph, (a, ""), (b, ""), weight="weight"):
        rides: list[list[str]] = []
        lines: list[str] = []
        for (_, before), (stop, line) in pairwise(path):
            if line and not before:
                rides.append([stop])
                lines.append(line)
            elif line:
                rides[-1].append(stop)
        found.add(
            tuple(
                leg(line, *(network.names[stop] for stop in ride))
                for line, ride in zip(lines, rides, strict=True)
            )
        )
    return found


def leg(line: str, *stops: str) -> Leg:
    return Leg(
        route_name=line,
        departure_stop=stops[0],
        arrival_stop=stops[-1],
        via_stops=stops[1:-1],
        num_via_stops=len(stops) - 2,
    )


def cost(found: tuple[Route, ...]) -> set[tuple[int, int]]:
    return {(len(route) - 1, sum(len(ride.via_stops) + 1 for ride in route)) for route in found}


RED = Line(name="Red", paths=(("A", "B", "C", "D"),))
BLUE = Line(name="Blue", paths=(("X", "B", "Y"),))
RING = Line(name="Ring", paths=(("A", "B", "C", "D"),), loop=True)
FORK = Line(name="Fork", paths=(("A", "B", "C"), ("B", "D")))

EXAMPLES: dict[str, tuple[Network, str, str, set[Route]]] = {
    "one ride": (network_of(RED), "A", "C", {(leg("Red", "A", "B", "C"),)}),
    "one transfer": (
        network_of(RED, BLUE),
        "X",
        "D",
        {(leg("Blue", "X", "B"), leg("Red", "B", "C", "D"))},
    ),
    "the short way round a loop": (network_of(RING), "A", "D", {(leg("Ring", "A", "D"),)}),
    "both ways round a loop": (
        network_of(RING),
        "A",
        "C",
        {(leg("Ring", "A", "B", "C"),), (leg("Ring", "A", "D", "C"),)},
    ),
    "from branch to branch without a transfer": (
        network_of(FORK),
        "C",
        "D",
        {(leg("Fork", "C", "B", "D"),)},
    ),
    "fewer transfers before fewer stops": (
        network_of(
            Line(name="Slow", paths=(("A", "1", "2", "3", "4", "B"),)),
            Line(name="P", paths=(("A", "M"),)),
            Line(name="Q", paths=(("M", "B"),)),
        ),
        "A",
        "B",
        {(leg("Slow", "A", "1", "2", "3", "4", "B"),)},
    ),
    "two lines on one track are two routes": (
        network_of(
            Line(name="J", paths=(("A", "B", "C"),)), Line(name="Z", paths=(("A", "C"), ("C", "B")))
        ),
        "B",
        "C",
        {(leg("J", "B", "C"),), (leg("Z", "B", "C"),)},
    ),
    "two stations to change at, the same number of stops": (
        network_of(
            Line(name="P", paths=(("A", "B", "C"),)), Line(name="Q", paths=(("B", "C", "D"),))
        ),
        "A",
        "D",
        {
            (leg("P", "A", "B"), leg("Q", "B", "C", "D")),
            (leg("P", "A", "B", "C"), leg("Q", "C", "D")),
        },
    ),
    "no way": (network_of(RED, Line(name="Far", paths=(("P", "Q"),))), "A", "Q", set()),
    "pieces of a line that do not meet": (
        network_of(Line(name="Cut", paths=(("A", "B"), ("C",)))),
        "A",
        "C",
        set(),
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_all_optimal_routes_are_found_and_no_others(name: str) -> None:
    network, a, b, expected = EXAMPLES[name]
    found = routes(network, a, b)
    assert set(found) == expected
    assert len(found) == len(expected)
    assert min_transfers(network, a, b) == (len(found[0]) - 1 if found else None)


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_routes_of_random_networks_agree_with_networkx_for_every_pair(
    random_networks: SearchStrategy[Network], data: st.DataObject
) -> None:
    network = data.draw(random_networks)
    graph = oracle(network)
    for a, b in combinations(network.names, 2):
        found = routes(network, a, b)
        expected = oracle_cost(graph, a, b)
        assert cost(found) == (set() if expected is None else {expected})
        assert set(found) == (oracle_routes(network, graph, a, b) if expected else set())
        assert len(set(found)) == len(found)


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_the_way_back_is_as_long(
    random_networks: SearchStrategy[Network], data: st.DataObject
) -> None:
    network = data.draw(random_networks)
    for a, b in combinations(network.names, 2):
        assert cost(routes(network, a, b)) == cost(routes(network, b, a))


def real_networks(folder: Path) -> Iterator[Network]:
    return (load_network(path) for path in find_networks([folder]))


def test_routes_of_real_cities_agree_with_networkx(station_lists: Path) -> None:
    checked = 0
    for network in real_networks(station_lists):
        graph = oracle(network)
        rng = Random(network.city)
        for a in rng.sample(list(network.names), 6):
            weights = nx.single_source_dijkstra_path_length(graph, (a, ""), weight="weight")
            for b in network.names:
                weight = weights.get((b, ""))
                expected = None if weight is None else int(weight) // BOARD - 1
                if a != b:
                    assert min_transfers(network, a, b) == expected, (network.city, a, b)
                    checked += 1
    assert checked > 10_000


def test_all_the_optimal_routes_of_real_cities_agree_with_networkx(station_lists: Path) -> None:
    several = 0
    for network in real_networks(station_lists):
        graph = oracle(network)
        rng = Random(network.city)
        for _ in range(20):
            a, b = rng.sample(list(network.names), 2)
            found = routes(network, a, b)
            expected = oracle_cost(graph, a, b)
            assert cost(found) == (set() if expected is None else {expected}), (network.city, a, b)
            if expected is not None:
                assert set(found) == oracle_routes(network, graph, a, b)
            several += len(found) > 1
    assert several > 10


def test_all_pairs_of_a_big_city_take_seconds_at_most(station_lists: Path) -> None:
    network = load_network(station_lists / "china" / "beijing.json")
    begun = time.perf_counter()
    found = [min_transfers(network, a, b) for a, b in combinations(network.names, 2)]
    assert time.perf_counter() - begun < 5
    assert [found.count(n) for n in range(4)] == [6170, 38308, 20278, 947]


def test_a_route_can_be_asked_for_by_id_name_or_alias() -> None:
    stations = (
        Station(id="1", name="Alpha", aliases=("Old Alpha",)),
        Station(id="2", name="Beta"),
        Station(id="3", name="Beta"),
    )
    network = Network(
        city="c", lines=(Line(name="L", paths=(("1", "2", "3"),)),), stations=stations
    )
    assert (
        routes(network, "Old Alpha", "2")
        == routes(network, "1", "2")
        == routes(network, "Alpha", "2")
    )
    with pytest.raises(RecordError, match="'Beta', expected one station; it names 2, 3"):
        routes(network, "1", "Beta")
    with pytest.raises(
        RecordError, match="a: found 'Alfa', expected a station of c, such as 'Alpha'"
    ):
        routes(network, "Alfa", "2")
    with pytest.raises(RecordError, match="another station than the departure"):
        min_transfers(network, "1", "Alpha")


def test_the_table_of_one_network_is_not_taken_for_another() -> None:
    for _ in range(30):
        short, long = network_of(Line(name="L", paths=(("A", "B"),))), network_of(RED)
        assert cost(routes(short, "A", "B")) == {(0, 1)}
        assert cost(routes(long, "A", "D")) == {(0, 3)}
