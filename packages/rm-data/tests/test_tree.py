from __future__ import annotations

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from rm_data.tree import tree_from, way_in


@st.composite
def forests(draw: st.DrawFn) -> nx.Graph[str]:
    """Up to 12 stations, each joined to one before it, or to none."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_node("s0")
    for number in range(1, draw(st.integers(1, 12))):
        graph.add_node(f"s{number}")
        if draw(st.booleans()):
            graph.add_edge(f"s{number}", f"s{draw(st.integers(0, number - 1))}")
    return graph


@given(forests(), st.data())
def test_the_way_in_a_tree_is_the_only_one_that_networkx_finds(
    graph: nx.Graph[str], data: st.DataObject
) -> None:
    near = {stop: list(graph[stop]) for stop in graph}
    root = data.draw(st.sampled_from(sorted(graph)))
    tree = tree_from(near, root)
    assert {root, *tree} == nx.node_connected_component(graph, root)
    for end in sorted(set(graph) - {root}):
        ways = [tuple(way) for way in nx.all_simple_paths(graph, root, end)]
        assert [way_in(tree, root, end)] == (ways or [()])


@given(forests())
def test_the_nearer_stations_come_first(graph: nx.Graph[str]) -> None:
    away = nx.single_source_shortest_path_length(graph, "s0")
    order = [away[stop] for stop in tree_from({stop: list(graph[stop]) for stop in graph}, "s0")]
    assert order == sorted(order)
