"""Random networks, the published lists, and a judge of questions that reads nothing of rm_data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import networkx as nx
import pytest
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rm_rewards import Line, Network, Question, Route, Station

SHARED = Path(__file__).resolve().parents[3].parent / "shared"


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Up to 9 stations and 4 lines with branches, loops, and pieces that may not meet."""
    ids = [f"s{i}" for i in range(draw(st.integers(2, 9)))]
    path = st.lists(st.sampled_from(ids), min_size=1, max_size=6, unique=True).map(tuple)
    lines = [
        Line(
            name=f"Line {number}",
            paths=tuple(draw(st.lists(path, min_size=1, max_size=2))),
            loop=draw(st.booleans()),
        )
        for number in range(draw(st.integers(1, 4)))
    ]
    stations = tuple(Station(id=stop, name=f"{stop.upper()} Station") for stop in ids)
    return Network(city="random", country="nowhere", lines=tuple(lines), stations=stations)


@pytest.fixture(scope="session")
def random_networks() -> SearchStrategy[Network]:
    return networks()


@pytest.fixture(scope="session")
def station_lists() -> Path:
    folder = SHARED / "reasonmap" / "stations"
    if not folder.is_dir():
        pytest.skip(f"{folder} with the published station lists is not there")
    return folder


@pytest.fixture(scope="session")
def map_pictures() -> Path:
    folder = SHARED / "reasonmap" / "maps"
    if not folder.is_dir():
        pytest.skip(f"{folder} with the published pictures is not there")
    return folder


Membership: TypeAlias = Mapping[str, frozenset[str]]
"""The names of the stations of each line, read from its paths."""


def members(network: Network) -> Membership:
    return {
        line.name: frozenset(network.names[s] for path in line.paths for s in path)
        for line in network.lines
    }


def line_graph(network: Network, name: str) -> nx.Graph[str]:
    line = next(line for line in network.lines if line.name == name)
    graph: nx.Graph[str] = nx.Graph()
    for path in line.paths:
        names = [network.names[stop] for stop in path]
        graph.add_nodes_from(names)
        graph.add_edges_from(
            pairwise([*names, names[0]] if line.loop and len(names) > 2 else names)
        )
    return graph


def judge_same_line(network: Network, question: Question) -> None:
    pair = {question.station_1, question.station_2}
    served = members(network)
    assert question.answer == int(any(pair <= stops for stops in served.values()))
    assert question.fine_grained_answer == {
        stop: tuple(line for line, stops in served.items() if stop in stops) for stop in pair
    }


def judge_on_line(network: Network, question: Question) -> None:
    assert question.line is not None
    assert question.answer == int(question.station_1 in members(network)[question.line])


def judge_stops_between(network: Network, question: Question) -> None:
    a, b = question.station_1, question.station_2
    assert a is not None
    assert b is not None
    lines = [line for line, stops in members(network).items() if {a, b} <= stops]
    assert question.line in lines
    ways = {
        tuple(way) for line in lines for way in nx.all_simple_paths(line_graph(network, line), a, b)
    }
    assert all(nx.has_path(line_graph(network, line), a, b) for line in lines)
    (way,) = ways
    assert question.fine_grained_answer == way[1:-1]
    assert question.options is not None
    assert question.answer is not None
    assert question.options[question.answer] == str(len(way) - 2)
    numbers = [int(option) for option in question.options]
    assert len(set(numbers)) == 4
    assert all(n >= 0 and abs(n - (len(way) - 2)) <= 4 for n in numbers)


def judge_lines_through(network: Network, question: Question) -> None:
    assert question.answer == sum(question.station_1 in s for s in members(network).values())


def judge_lines_in_total(network: Network, question: Question) -> None:
    assert question.answer == len(network.lines)


def judge_planning(network: Network, question: Question) -> None:
    assert question.station_1 is not None
    assert question.station_2 is not None
    expected = all_optimal(network, question.station_1, question.station_2)
    assert question.routes is not None
    assert len(question.routes) == len(set(question.routes))
    assert {spelled(route) for route in question.routes} == expected
    transfers = question.question_transfer_count
    assert {len(route) - 1 for route in question.routes} == {transfers}
    assert question.difficulty_question == ["easy", "middle", "hard"][min(transfers, 2)]


Spelled: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]


def spelled(route: Route) -> Spelled:
    return tuple(
        (ride.route_name, (ride.departure_stop, *ride.via_stops, ride.arrival_stop))
        for ride in route
    )


def all_optimal(network: Network, start: str, end: str) -> set[Spelled]:
    """Shortest ways through (station, line) nodes, where a change costs more than any ride."""
    graph: nx.DiGraph[tuple[str, str]] = nx.DiGraph()
    for line in network.lines:
        rides = line_graph(network, line.name)
        for a, b in rides.edges:
            graph.add_edge((a, line.name), (b, line.name), weight=1)
            graph.add_edge((b, line.name), (a, line.name), weight=1)
        for stop in members(network)[line.name]:
            graph.add_edge((stop, ""), (stop, line.name), weight=1000)
            graph.add_edge((stop, line.name), (stop, ""), weight=0)
    found: set[Spelled] = set()
    for way in nx.all_shortest_paths(graph, (start, ""), (end, ""), weight="weight"):
        cuts = [i for i, (_, line) in enumerate(way) if not line]
        found.add(
            tuple(
                (way[a + 1][1], tuple(stop for stop, _ in way[a + 1 : b]))
                for a, b in pairwise(cuts)
            )
        )
    return found


JUDGES: dict[str, Callable[[Network, Question], None]] = {
    "TorF1": judge_same_line,
    "TorF2": judge_on_line,
    "Counting1": judge_stops_between,
    "Counting2": judge_lines_through,
    "Counting3": judge_lines_in_total,
    "planning": judge_planning,
}


@pytest.fixture(scope="session")
def judge() -> Callable[[Network, Question], None]:
    """Fails unless the question is true of the network; it reads `Network.lines` with networkx."""
    return lambda network, question: JUDGES[question.type](network, question)


@pytest.fixture(scope="session")
def graph_of_line() -> Callable[[Network, str], nx.Graph[str]]:
    """The graph of one line by station names, from its paths alone."""
    return line_graph
