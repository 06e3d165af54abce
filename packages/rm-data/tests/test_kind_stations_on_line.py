from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import networkx as nx

from rm_data import ask, find_networks, generate, load_network
from rm_rewards import Network, from_published

GraphOfLine: TypeAlias = "Callable[[Network, str], nx.Graph[str]]"


def test_the_answer_is_the_number_of_different_stations_of_the_line(
    graph_of_line: GraphOfLine, station_lists: Path
) -> None:
    networks = [load_network(path) for path in find_networks([station_lists])]
    for network in [*networks, *(generate(seed, style="named") for seed in range(5))]:
        for question in ask(network, "CountingStations", per_map=99):
            assert question.line is not None
            stations = set(graph_of_line(network, question.line))
            assert question.answer == len(stations)
            assert question.fine_grained_answer == {question.line: tuple(sorted(stations))}


def test_the_question_is_worded_after_the_published_counting() -> None:
    network = from_published({"Red": ["A", "B", "C"], "Blue": ["C", "D"]}, city="c")
    texts = {q.line: q.question for q in ask(network, "CountingStations", per_map=9)}
    assert texts["Red"] == (
        'Please solve the problem and put your answer in one "\\boxed{}". According to the subway '
        "map, how many stations are there on the line Red?"
    )


def test_a_line_with_a_station_of_two_spellings_or_in_pieces_is_not_counted() -> None:
    lists = {"One": ["A", "Union"], "Two": ["Union Station", "B"], "Three": ["A", "B", "C"]}
    network = from_published(lists, city="c")
    assert {q.line for q in ask(network, "CountingStations", per_map=9)} == {"Three"}
