from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rm_data import ask, find_networks, load_network
from rm_rewards import Line, Network, Question, Station

GraphOfLine: TypeAlias = "Callable[[Network, str], nx.Graph[str]]"


def judge(graph_of_line: GraphOfLine, network: Network, question: Question) -> None:
    assert question.line is not None
    assert question.options is not None
    assert question.answer is not None
    graph = graph_of_line(network, question.line)
    assert nx.is_tree(graph)
    ends = {stop for stop in graph if graph.degree(stop) == 1}
    right = question.options[question.answer]
    assert ends.intersection(question.options) == {right}
    assert isinstance(question.fine_grained_answer, dict)
    assert set(question.fine_grained_answer[question.line]) == ends
    away = nx.single_source_shortest_path_length(graph, right)
    assert all(away[option] <= len(ends) + 5 for option in question.options)


def test_one_option_is_an_end_of_the_line_and_the_others_are_near_one(
    graph_of_line: GraphOfLine, station_lists: Path
) -> None:
    for path in find_networks([station_lists]):
        network = load_network(path)
        for question in ask(network, "ChoiceTerminal", per_map=99):
            judge(graph_of_line, network, question)


def test_a_loop_has_no_terminal_and_neither_has_a_loop_with_a_tail() -> None:
    ring = Line(name="Ring", paths=(("A", "B", "C", "D", "E"),), loop=True)
    tail = Line(name="Six", paths=(("A", "F", "G", "H", "I", "G"),))
    plain = Line(name="Plain", paths=(("A", "P", "Q", "R", "S"),))
    stations = tuple(Station(id=s, name=s) for s in "ABCDEFGHIPQRS")
    network = Network(city="c", lines=(ring, tail, plain), stations=stations)
    assert {q.line for q in ask(network, "ChoiceTerminal", per_map=9)} == {"Plain"}


@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_on_random_networks_too(
    graph_of_line: GraphOfLine, random_networks: SearchStrategy[Network], data: st.DataObject
) -> None:
    network = data.draw(random_networks)
    for question in ask(network, "ChoiceTerminal", per_map=8):
        judge(graph_of_line, network, question)
