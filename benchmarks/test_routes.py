import timeit
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import networkx as nx
import pytest

from rm_data import load_network
from rm_data.pareto import ParetoTable
from rm_data.routes import RouteTable
from rm_rewards import Line, Network, Station

Measure: TypeAlias = Callable[..., Any]

LISTS = Path(__file__).resolve().parents[1].parent / "shared" / "reasonmap" / "stations"
BAR = 0.1
"""Seconds for all pairs of a city."""

SIZES = {"beijing": (21, 363, 39), "shanghai": (18, 403, 51), "new_york": (22, 351, 48)}
"""Lines, stations, and stations of a line, as in the published lists."""


def city(name: str) -> Network:
    """The published list where there is one, otherwise a made-up network of its size."""
    path = LISTS / "china" / f"{name}.json"
    return load_network(path) if path.is_file() else made_up(*SIZES[name])


def made_up(lines: int, stations: int, length: int) -> Network:
    """Walks on a grid that keep to their direction, so that lines cross and share tracks."""
    rng, width = Random(stations), 20
    sites = {(i % width, i // width): f"s{i}" for i in range(stations)}
    paths: list[tuple[str, ...]] = []
    while len(paths) < lines:
        here, step = rng.choice(list(sites)), rng.choice([(0, 1), (1, 0), (1, 1), (1, -1)])
        path: dict[str, None] = {}
        while here in sites and len(path) < length and sites[here] not in path:
            path[sites[here]] = None
            if rng.random() < 0.2 or (here[0] + step[0], here[1] + step[1]) not in sites:
                step = rng.choice([(0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, -1)])
            here = (here[0] + step[0], here[1] + step[1])
        if len(path) > 0.8 * length:
            paths.append(tuple(path))
    return Network(
        city="made up",
        lines=tuple(Line(name=f"L{i}", paths=(path,)) for i, path in enumerate(paths)),
        stations=tuple(Station(id=s, name=s) for s in sites.values()),
    )


def by_networkx(network: Network) -> dict[str, dict[tuple[str, str], float]]:
    """Fewest transfers, then fewest stops, between all pairs."""
    graph: nx.DiGraph[tuple[str, str]] = nx.DiGraph()
    for line in network.lines:
        for path in line.paths:
            for stop in path:
                graph.add_edge((stop, ""), (stop, line.name), weight=1000)
                graph.add_edge((stop, line.name), (stop, ""), weight=0)
            for a, b in pairwise([*path, path[0]] if line.loop else path):
                graph.add_edge((a, line.name), (b, line.name), weight=1)
                graph.add_edge((b, line.name), (a, line.name), weight=1)
    return {
        stop: nx.single_source_dijkstra_path_length(graph, (stop, ""), weight="weight")
        for stop in network.names
        if (stop, "") in graph
    }


@pytest.mark.parametrize("name", SIZES)
def test_all_pairs_and_all_trade_offs_of_a_city_beside_networkx(
    measure: Measure, name: str
) -> None:
    network = city(name)
    fronts = measure(
        lambda: ParetoTable(network),
        count=1,
        unit=f"networks of {len(network.stations)} stations",
        baseline=lambda: by_networkx(network),
        named="one Dijkstra a station in networkx, which finds the fewest transfers only",
    )
    assert min(timeit.repeat(lambda: ParetoTable(network), number=1, repeat=5)) <= BAR
    assert min(timeit.repeat(lambda: RouteTable(network), number=1, repeat=5)) <= BAR
    known, table = by_networkx(network), RouteTable(network)
    for a, far in known.items():
        for b in network.names:
            weight = far.get((b, ""))
            if a != b:
                expected = None if weight is None else (weight // 1000 - 1, weight % 1000)
                assert table.between(a, b) == expected
                assert next(iter(fronts.front(a, b)), None) == expected
