from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rm_data import ask, find_networks, generate, load_network
from rm_data.networks import open_branches
from rm_rewards import (
    QUESTION_TYPES,
    Line,
    Network,
    Question,
    Station,
    from_published,
    plain_name,
)
from rm_rewards.jsonl import dump, parse

Judge: TypeAlias = Callable[[Network, Question], None]


def test_every_question_about_a_real_city_is_true(judge: Judge, station_lists: Path) -> None:
    kinds: Counter[str] = Counter()
    for path in find_networks([station_lists]):
        network = load_network(path)
        for question in ask(network, seed=7):
            judge(network, question)
            kinds[question.type] += 1
    assert set(kinds) == set(QUESTION_TYPES)
    assert sum(kinds.values()) > 2000


@settings(deadline=None, max_examples=150)
@given(data=st.data(), seed=st.integers(0, 5))
def test_every_question_about_a_random_network_is_true(
    judge: Judge, random_networks: SearchStrategy[Network], data: st.DataObject, seed: int
) -> None:
    network = data.draw(random_networks)
    for question in ask(network, seed=seed, per_map=8):
        judge(network, question)


@pytest.mark.parametrize("style", ["compact", "named"])
@pytest.mark.parametrize("seed", range(8))
def test_every_question_about_a_synthetic_city_is_true(judge: Judge, style: str, seed: int) -> None:
    network = generate(seed, style=style)
    made = list(ask(network, per_map=6))
    for question in made:
        judge(network, question)
    assert {question.type for question in made} == set(QUESTION_TYPES)


# Published lists with a glued branch: what is asked must be true on the real line.


@st.composite
def forked(draw: st.DrawFn) -> tuple[Network, Network]:
    """(the true network, what is left of it in a published list): line F forks, G and H cross."""
    trunk = [f"T{i}" for i in range(draw(st.integers(3, 7)))]
    branch = [f"B{i}" for i in range(draw(st.integers(1, 4)))]
    fork = draw(st.integers(1, len(trunk) - 2))
    others = {
        name: draw(
            st.lists(
                st.sampled_from([*trunk, *branch, "X", "Y"]), min_size=2, max_size=5, unique=True
            )
        )
        for name in "GH"
    }
    listed = branch if draw(st.booleans()) else branch[::-1]
    marked = [
        f"{stop} (Branch-starting Station)" if stop == trunk[fork] else stop for stop in trunk
    ]
    lists = {"F": [*marked, *listed], **others}
    published = open_branches(from_published(lists, city="c", country="x"), lists)
    paths = (tuple(trunk), (trunk[fork], *branch))
    lines = [
        Line(name="F", paths=paths),
        *(Line(name=n, paths=(tuple(p),)) for n, p in others.items()),
    ]
    stops = dict.fromkeys(plain_name(stop) for path in lists.values() for stop in path)
    true = Network(
        city="c",
        country="x",
        lines=tuple(lines),
        stations=tuple(Station(id=s, name=s) for s in stops),
    )
    return true, published


@settings(deadline=None, max_examples=250)
@given(forked())
def test_questions_from_a_list_with_a_glued_branch_are_true_on_the_real_line(
    judge: Judge,
    networks: tuple[Network, Network],
) -> None:
    true, published = networks
    for question in ask(published, per_map=30):
        judge(true, question)


def test_a_route_over_the_unknown_joint_keeps_the_pair_out_of_planning() -> None:
    lists = {
        "F": ["A", "B (Branch-starting Station)", "C", "D", "E"],
        "G": ["A", "P", "Q", "R", "E"],
    }
    network = open_branches(from_published(lists, city="c"), lists)
    asked = {frozenset((q.station_1, q.station_2)) for q in ask(network, "planning", per_map=200)}
    assert frozenset("AB") in asked  # before the mark
    assert frozenset("PQ") in asked  # on another line
    assert frozenset("AE") not in asked  # line F may be as good as line G
    assert frozenset("AD") not in asked
    assert frozenset("BR") not in asked  # over E, or over A: E is somewhere behind B


def test_nothing_is_asked_about_a_station_with_two_spellings_and_no_route_depends_on_it(
    judge: Judge,
) -> None:
    lists = {
        "One": ["A站", "西单", "B站", "C站"],
        "Four": ["D站", "西单站", "E站"],
        "Far": ["C站", "K站", "L站", "E站"],
    }
    network = from_published(lists, city="c")
    merged = from_published(
        {k: [s.replace("西单站", "西单") for s in v] for k, v in lists.items()}, city="c"
    )
    made = list(ask(network, per_map=100))
    assert not any("西单" in text for q in made for text in (q.station_1, q.station_2) if text)
    planned = [q for q in made if q.type == "planning"]
    assert planned
    for question in planned:
        judge(network, question)
        judge(merged, parse(Question, dump(question).replace("西单站", "西单")))


def test_around_a_loop_nothing_is_counted_but_its_stations_are_asked_about() -> None:
    ring = Line(name="Ring", paths=(("A", "B", "C", "D", "E"),), loop=True)
    spur = Line(name="Spur", paths=(("A", "X", "Y"),))
    stations = tuple(Station(id=s, name=s) for s in "ABCDEXY")
    network = Network(city="c", lines=(ring, spur), stations=stations)
    made = list(ask(network, per_map=50))
    assert {frozenset((q.station_1, q.station_2)) for q in made if q.type == "Counting1"} == {
        frozenset(pair) for pair in combinations("AXY", 2)
    }
    assert any(q.station_1 in {"B", "C", "D"} for q in made if q.type == "TorF2")


def test_two_lines_with_different_counts_between_a_pair_are_not_counted() -> None:
    network = from_published({"Local": ["A", "B", "C", "D"], "Fast": ["A", "D", "E"]}, city="c")
    pairs = {frozenset((q.station_1, q.station_2)) for q in ask(network, "Counting1", per_map=50)}
    assert frozenset("AD") not in pairs
    assert frozenset("AC") in pairs


def test_stations_that_share_a_name_are_not_asked_about() -> None:
    stations = (
        Station(id="1", name="23 St"),
        Station(id="2", name="23 St"),
        Station(id="3", name="Q"),
        Station(id="4", name="R"),
    )
    network = Network(
        city="c", lines=(Line(name="L", paths=(("1", "3", "4", "2"),)),), stations=stations
    )
    made = list(ask(network))
    named = {name for q in made for name in (q.station_1, q.station_2)}
    assert named == {None, "Q", "R"}


def test_a_line_without_stations_does_no_harm(judge: Judge) -> None:
    network = Network(
        city="c",
        lines=(Line(name="None", paths=((),)), Line(name="L", paths=(("A", "B", "C"),))),
        stations=tuple(Station(id=s, name=s) for s in "ABC"),
    )
    for question in ask(network):
        judge(network, question)


def test_a_loop_that_the_file_leaves_open_is_not_counted_and_no_route_depends_on_it(
    judge: Judge,
) -> None:
    ring = [f"R{i}" for i in range(12)]
    lists = {
        "Ring": ring,
        "Across": ["R0", "P", "R11"],
        "Out": ["R3", "S", "T", "U"],
        "Far": ["U", "V", "W"],
    }
    listed = from_published(lists, city="c")
    closed = from_published({**lists, "Ring": [*ring, "R0"]}, city="c")
    made = list(ask(listed, per_map=200))
    assert {q.line for q in made if q.type == "Counting1"} == {"Across", "Out", "Far"}
    planned = [q for q in made if q.type == "planning"]
    assert len(planned) > 40
    for question in planned:
        judge(listed, question)
        judge(closed, question)
    asked = {frozenset((q.station_1, q.station_2)) for q in planned}
    assert frozenset(("R1", "R2")) in asked
    assert frozenset(("R0", "R11")) not in asked
