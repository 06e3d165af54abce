from __future__ import annotations

from itertools import combinations

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rm_data.line_graph import shortest_ways, stops_from, without_choice
from rm_rewards import Network


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_distances_and_shortest_ways_on_a_line_agree_with_networkx(
    random_networks: SearchStrategy[Network], data: st.DataObject
) -> None:
    for near in data.draw(random_networks).neighbours.values():
        graph: nx.Graph[str] = nx.Graph([(a, b) for a, around in near.items() for b in around])
        graph.add_nodes_from(near)
        for a in near:
            assert stops_from(near, a) == dict(nx.single_source_shortest_path_length(graph, a))
            for b in stops_from(near, a):
                ways = shortest_ways(near, a, b)
                assert ways == tuple(sorted(map(tuple, nx.all_shortest_paths(graph, a, b))))


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_stations_joined_without_choice_have_exactly_one_simple_way(
    random_networks: SearchStrategy[Network], data: st.DataObject
) -> None:
    network = data.draw(random_networks)
    for near in network.neighbours.values():
        forest = without_choice(near)
        graph: nx.Graph[str] = nx.Graph([(a, b) for a, around in near.items() for b in around])
        graph.add_nodes_from(near)
        for a, b in combinations(near, 2):
            ways = list(nx.all_simple_paths(graph, a, b))
            assert bool(shortest_ways(forest, a, b)) == (len(ways) == 1)
