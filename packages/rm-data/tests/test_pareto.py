from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import TypeAlias

import networkx as nx
import pytest

from rm_data import (
    find_networks,
    generate,
    load_network,
    min_transfers,
    pareto_front,
    pareto_routes,
    routes,
)
from rm_data.grids import MOST
from rm_data.pareto import ParetoTable
from rm_data.routes import RouteTable
from rm_rewards import Leg, Line, Network, RecordError, Route, Station

Node: TypeAlias = tuple[int, str, str]
"""(rides so far, station, line); the line is empty on the platform."""

RIDES = 6
"""More rides than that are left to the test of the table's own rounds."""


def layered(network: Network, rides: int = RIDES) -> nx.DiGraph[Node]:
    """One copy of the map for each ride: to board a train is to go down to the next copy."""
    graph: nx.DiGraph[Node] = nx.DiGraph()
    for ride in range(rides):
        for line in network.lines:
            for path in line.paths:
                for stop in path:
                    graph.add_edge((ride, stop, ""), (ride + 1, stop, line.name), weight=0)
                    graph.add_edge((ride + 1, stop, line.name), (ride + 1, stop, ""), weight=0)
                closed = [*path, path[0]] if line.loop and len(path) > 2 else path
                for a, b in pairwise(closed):
                    graph.add_edge((ride + 1, a, line.name), (ride + 1, b, line.name), weight=1)
                    graph.add_edge((ride + 1, b, line.name), (ride + 1, a, line.name), weight=1)
    return graph


def oracle_fronts(
    network: Network, graph: nx.DiGraph[Node], start: str
) -> dict[str, tuple[tuple[int, int], ...]]:
    """Up to `RIDES` rides; `graph` is `layered`."""
    if (0, start, "") not in graph:
        return dict.fromkeys(network.names, ())
    far = nx.single_source_dijkstra_path_length(graph, (0, start, ""), weight="weight")
    fronts: dict[str, tuple[tuple[int, int], ...]] = {}
    for stop in network.names:
        front: list[tuple[int, int]] = []
        for rides in range(1, RIDES + 1):
            stops = far.get((rides, stop, ""))
            if stops is not None and (not front or stops < front[-1][1]):
                front.append((rides - 1, int(stops)))
        fronts[stop] = tuple(front)
    return fronts


def oracle_routes(network: Network, graph: nx.DiGraph[Node], a: str, b: str) -> set[Route]:
    found: set[Route] = set()
    for transfers, _ in oracle_fronts(network, graph, a)[b]:
        goal = (transfers + 1, b, "")
        for path in nx.all_shortest_paths(graph, (0, a, ""), goal, weight="weight"):
            legs: list[list[str]] = []
            lines: list[str] = []
            for (_, _, before), (_, stop, line) in pairwise(path):
                if line and not before:
                    legs.append([])
                    lines.append(line)
                if line:
                    legs[-1].append(network.names[stop])
            found.add(tuple(map(leg, lines, legs)))
    return found


def leg(line: str, stops: list[str]) -> Leg:
    return Leg(
        route_name=line,
        departure_stop=stops[0],
        arrival_stop=stops[-1],
        via_stops=tuple(stops[1:-1]),
        num_via_stops=len(stops) - 2,
    )


def cost(route: Route) -> tuple[int, int]:
    return len(route) - 1, sum(len(ride.via_stops) + 1 for ride in route)


def drawn(seed: int) -> Network:
    """A random network with loops, branches, shared tracks, and stations twice on a line."""
    rng = Random(seed)
    ids = [f"s{i}" for i in range(rng.randint(4, 14))]
    lines: list[Line] = []
    for number in range(rng.randint(2, 6)):
        path = tuple(rng.sample(ids, rng.randint(1, min(7, len(ids)))))
        if lines and rng.random() < 0.5:  # some stations of another line, in its order
            shared = rng.choice(lines).paths[0]
            path = tuple(dict.fromkeys((*shared[: rng.randint(1, len(shared))], *path)))
        paths = [path]
        if rng.random() < 0.4:
            branch = rng.sample(ids, rng.randint(1, 4))
            paths.append(tuple(dict.fromkeys((rng.choice(path), *branch))))
        if rng.random() < 0.2:
            paths.append((*path[:3], path[0]))
        lines.append(Line(name=f"L{number}", paths=tuple(paths), loop=rng.random() < 0.3))
    stations = tuple(Station(id=stop, name=stop.upper()) for stop in ids)
    return Network(city=str(seed), lines=tuple(lines), stations=stations)


@pytest.mark.parametrize("block", range(10))
def test_fronts_and_routes_of_200_random_networks_agree_with_networkx(block: int) -> None:
    for seed in range(block * 20, block * 20 + 20):
        network = drawn(seed)
        graph = layered(network)
        for a in network.names:
            fronts = oracle_fronts(network, graph, a)
            for b in network.names:
                if a != b:
                    assert pareto_front(network, a, b)[:RIDES] == fronts[b], (seed, a, b)
        a, b = Random(seed).sample(list(network.names), 2)
        few = [route for route in pareto_routes(network, a, b) if len(route) <= RIDES]
        assert len(few) == len(set(few))
        assert set(few) == oracle_routes(network, graph, a, b), (seed, a, b)


def real(station_lists: Path) -> Iterator[Network]:
    return map(load_network, find_networks([station_lists]))


def test_fronts_of_every_real_city_agree_with_networkx(station_lists: Path) -> None:
    checked = traded = 0
    for network in real(station_lists):
        graph = layered(network)
        for a in Random(network.city).sample(list(network.names), 2):
            fronts = oracle_fronts(network, graph, a)
            for b in network.names:
                if a != b:
                    found = tuple(cost for cost in pareto_front(network, a, b) if cost[0] < RIDES)
                    assert found == fronts[b], (network.city, a, b)
                    checked += 1
                    traded += len(found) > 1
    assert checked > 4_000
    assert traded > 500


def test_routes_of_every_real_city_agree_with_networkx(station_lists: Path) -> None:
    several = 0
    for network in real(station_lists):
        graph = layered(network)
        rng = Random(network.city)
        for _ in range(3):
            a, b = rng.sample(list(network.names), 2)
            found = pareto_routes(network, a, b)
            assert [cost(route) for route in found] == sorted(cost(route) for route in found)
            few = {route for route in found if len(route) <= RIDES}
            assert few == oracle_routes(network, graph, a, b), (network.city, a, b)
            several += len({cost(route) for route in found}) > 1
    assert several > 5


def test_the_shares_that_were_measured_on_the_published_lists(station_lists: Path) -> None:
    """Of all pairs of Beijing 63 % have a trade-off, as an independent measurement found."""
    network = load_network(station_lists / "china" / "beijing.json")
    names = list(network.names)
    traded = sum(
        len(pareto_front(network, a, b)) > 1 for i, a in enumerate(names) for b in names[i + 1 :]
    )
    assert 0.63 <= traded / (len(names) * (len(names) - 1) / 2) < 0.64


SLOW = Line(name="Slow", paths=(("A", "1", "2", "3", "4", "B"),))
P, Q = Line(name="P", paths=(("A", "M"),)), Line(name="Q", paths=(("M", "B"),))


def network_of(*lines: Line) -> Network:
    ids = dict.fromkeys(stop for line in lines for path in line.paths for stop in path)
    return Network(city="test", lines=lines, stations=tuple(Station(id=i, name=i) for i in ids))


def test_a_transfer_that_saves_stops_is_a_route_of_its_own() -> None:
    network = network_of(SLOW, P, Q)
    assert pareto_front(network, "A", "B") == ((0, 5), (1, 2))
    assert [cost(route) for route in pareto_routes(network, "A", "B")] == [(0, 5), (1, 2)]


def test_a_transfer_that_saves_nothing_is_no_route() -> None:
    network = network_of(Line(name="L", paths=(("A", "M", "B"),)), P, Q)
    assert pareto_front(network, "A", "B") == ((0, 2),)
    assert len(pareto_routes(network, "A", "B")) == 1


def test_the_routes_with_the_fewest_transfers_are_the_optimal_ones() -> None:
    network = generate(5, style="named")
    rng = Random(5)
    for _ in range(50):
        a, b = rng.sample(list(network.names), 2)
        found = pareto_routes(network, a, b)
        best = min(map(cost, found))
        assert [route for route in found if cost(route) == best] == list(routes(network, a, b))


def test_a_pair_without_a_way_has_no_route() -> None:
    network = network_of(P, Line(name="Z", paths=(("X", "Y"),)))
    assert pareto_front(network, "A", "Y") == ()
    assert pareto_routes(network, "A", "Y") == ()
    with pytest.raises(RecordError, match="another station"):
        pareto_front(network, "A", "A")


def test_a_line_that_runs_through_a_station_twice_is_ridden_along_all_its_edges() -> None:
    lasso = Line(name="Lasso", paths=(("A", "B", "C", "D", "E", "F", "B"),))
    network = network_of(lasso)
    assert pareto_front(network, "A", "F") == ((0, 2),)
    assert pareto_front(network, "C", "E") == ((0, 2),)


def chain(stations: int) -> Network:
    ids = [f"s{i}" for i in range(stations)]
    length = 1000
    lines = tuple(
        Line(name=f"L{i}", paths=(tuple(ids[i : i + length + 1]),))
        for i in range(0, stations - 1, length)
    )
    return Network(city="long", lines=lines, stations=tuple(Station(id=s, name=s) for s in ids))


def test_a_pair_of_a_network_too_large_for_all_pairs_is_routed_alone() -> None:
    network = chain(MOST + 1001)
    assert pareto_front(network, "s0", "s4500") == ((4, 4500),)
    assert min_transfers(network, "s0", "s2500") == 2
    assert cost(routes(network, "s10", "s1010")[0]) == (1, 1000)


@pytest.mark.parametrize("table", [RouteTable, ParetoTable])
def test_all_pairs_of_a_network_too_large_are_refused(
    table: type[RouteTable] | type[ParetoTable],
) -> None:
    with pytest.raises(RecordError, match=r"stations: found 5001, expected at most 5,000 stations"):
        table(chain(MOST + 1))
