from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rm_data import ask, find_networks, load_network
from rm_rewards import Network, Question, from_published

GraphOfLine: TypeAlias = "Callable[[Network, str], nx.Graph[str]]"


def judge(graph_of_line: GraphOfLine, network: Network, question: Question) -> None:
    assert question.line is not None
    assert question.options is not None
    assert question.answer is not None
    assert question.station_1 is not None
    assert question.station_2 is not None
    graph = graph_of_line(network, question.line)
    (way,) = nx.all_simple_paths(graph, question.station_1, question.station_2)
    assert graph.degree(question.station_2) == 1
    assert question.fine_grained_answer == tuple(way[1:])
    assert question.options[question.answer] == way[1]
    assert question.station_1 not in question.options
    away = nx.single_source_shortest_path_length(graph, question.station_1)
    assert all(away[option] <= 5 for option in question.options)


def test_the_answer_is_the_first_stop_of_the_only_way_to_the_end(
    graph_of_line: GraphOfLine, station_lists: Path
) -> None:
    for path in find_networks([station_lists]):
        network = load_network(path)
        for question in ask(network, "ChoiceNextStop", per_map=60):
            judge(graph_of_line, network, question)


def test_the_end_that_is_named_is_never_the_answer() -> None:
    network = from_published({"Red": ["A", "B", "C", "D", "E"]}, city="c")
    made = list(ask(network, "ChoiceNextStop", per_map=99))
    assert len(made) == 6
    assert all(q.options and q.options[q.answer or 0] != q.station_2 for q in made)
    text = next(q.question for q in made if (q.station_1, q.station_2) == ("B", "E"))
    assert text.startswith(
        "Please solve the multiple choice problem and put your answer (one of ABCD) in one "
        '"\\boxed{}". According to the subway map, riding on the line Red from B towards E, which '
        "station comes next? \nA) "
    )


@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_on_random_networks_too(
    graph_of_line: GraphOfLine, random_networks: SearchStrategy[Network], data: st.DataObject
) -> None:
    network = data.draw(random_networks)
    for question in ask(network, "ChoiceNextStop", per_map=8):
        judge(graph_of_line, network, question)
