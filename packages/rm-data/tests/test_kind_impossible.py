from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rm_data import ask, find_networks, generate, load_network
from rm_data.kinds.impossible import NO_LINE, NO_STATION
from rm_data.spelling import name_key
from rm_rewards import Network, Question, from_published


def judge(network: Network, question: Question) -> bool:
    """Whether what it asks about exists; fails unless the answer is right."""
    served = {
        line.name: {network.names[s] for path in line.paths for s in path} for line in network.lines
    }
    assert question.options is not None
    assert question.answer is not None
    *shown, none = question.options
    if question.station_1 is not None:
        assert none == NO_STATION
        right = [option for option in shown if question.station_1 in served[option]]
        keys = {name_key(name) for s in network.stations for name in (s.name, *s.aliases)}
        exists = name_key(question.station_1) in keys
    else:
        assert none == NO_LINE
        exists = question.line in served
        right = [option for option in shown if option in served.get(question.line or "", set())]
        assert set(shown) <= set().union(*served.values())
    assert right == ([question.options[question.answer]] if exists else [])
    assert exists == (question.answer != 3)
    return exists


def test_the_answer_is_a_line_a_station_or_that_there_is_none(station_lists: Path) -> None:
    seen: Counter[tuple[bool, bool]] = Counter()
    for path in find_networks([station_lists]):
        network = load_network(path)
        for question in ask(network, "ChoiceImpossible", seed=2, per_map=24):
            seen[question.station_1 is not None, judge(network, question)] += 1
    absent, total = seen[True, False] + seen[False, False], sum(seen.values())
    assert total > 300
    assert abs(absent / total - 0.25) < 0.05
    assert min(seen.values()) > 15


@pytest.mark.parametrize("style", ["compact", "named"])
@pytest.mark.parametrize("seed", range(12))
def test_on_synthetic_maps_too_nothing_that_exists_is_called_impossible(
    style: str, seed: int
) -> None:
    network = generate(seed, style=style)
    for question in ask(network, "ChoiceImpossible", seed=seed):
        judge(network, question)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Line 1", "Line 2", "Line 7"], {"Line 8", "Line 9", "Line 10"}),
        (["A", "B", "C"], set("DEFGHIJKLMNOPQRSTUVWXYZ")),
        (
            ["Red Line", "Teal Line", "Jade Line"],
            {
                "Amber Line",
                "Indigo Line",
                "Crimson Line",
                "Lilac Line",
                "Copper Line",
                "Ivory Line",
            },
        ),
    ],
)
def test_a_line_that_is_absent_looks_like_those_of_the_map(
    lines: list[str], expected: set[str]
) -> None:
    lists = {line: [f"{line} Ash", "Hub", f"{line} Oak"] for line in lines}
    network = from_published(lists, city="c")
    made = [q for seed in range(40) for q in ask(network, "ChoiceImpossible", seed, per_map=14)]
    asked = {q.line for q in made if q.line is not None and q.answer == 3}
    assert asked <= expected
    assert len(asked) >= 3


def test_a_map_without_enough_lines_asks_about_no_station() -> None:
    network = from_published({"Only": ["A", "B", "C", "D"]}, city="c")
    assert all(q.answer == 3 for q in ask(network, "ChoiceImpossible", per_map=12))


@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_on_random_networks_nothing_that_exists_is_called_impossible(
    random_networks: SearchStrategy[Network], data: st.DataObject
) -> None:
    network = data.draw(random_networks)
    for question in ask(network, "ChoiceImpossible", per_map=8):
        judge(network, question)
