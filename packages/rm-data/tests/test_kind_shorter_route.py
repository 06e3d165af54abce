from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rm_data import ask, load_network
from rm_rewards import Network, Question

GraphOfLine: TypeAlias = "Callable[[Network, str], nx.Graph[str]]"


def ride(graph: nx.Graph[str], stops: tuple[str, ...]) -> bool:
    return all(graph.has_edge(a, b) for a, b in pairwise(stops))


def judge(graph_of_line: GraphOfLine, network: Network, question: Question) -> None:
    assert question.options is not None
    assert isinstance(question.fine_grained_answer, dict)
    counts: dict[str, int] = {}
    for letter, option in zip("AB", question.options, strict=True):
        way = question.fine_grained_answer[letter]
        first, rest = option.split(" to ", 1)
        change, second = rest.rsplit(", then ", 1)
        cut = way.index(change)
        assert ride(graph_of_line(network, first), way[: cut + 1])
        assert ride(graph_of_line(network, second), way[cut:])
        assert (way[0], way[-1]) == (question.station_1, question.station_2)
        assert 0 < cut < len(way) - 1
        assert len(set(way)) == len(way)
        counts[letter] = len(way) - 1
    assert "AB"[question.answer or 0] == min(counts, key=lambda letter: counts[letter])
    assert 0 < abs(counts["A"] - counts["B"]) <= 6


@pytest.mark.parametrize("city", ["china/shanghai", "china/beijing", "america/washington"])
def test_both_routes_can_be_ridden_and_the_answer_is_the_one_with_fewer_stops(
    graph_of_line: GraphOfLine, station_lists: Path, city: str
) -> None:
    network = load_network(station_lists / f"{city}.json")
    made = list(ask(network, "ChoiceShorterRoute", per_map=30))
    assert len(made) == 30
    for question in made:
        judge(graph_of_line, network, question)
    assert Counter(q.answer for q in made) == {0: 15, 1: 15}
    assert "(one of AB)" in made[0].question


@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_on_random_networks_both_routes_can_be_ridden(
    graph_of_line: GraphOfLine, random_networks: SearchStrategy[Network], data: st.DataObject
) -> None:
    network = data.draw(random_networks)
    for question in ask(network, "ChoiceShorterRoute", per_map=8):
        judge(graph_of_line, network, question)
