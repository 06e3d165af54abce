from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import combinations, pairwise
from pathlib import Path
from typing import TypeAlias

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rm_data import PER_MAP, Shortfall, ask, find_networks, generate, load_network
from rm_data.networks import open_branches
from rm_rewards import (
    QUESTION_TYPES,
    Line,
    Network,
    Question,
    RecordError,
    Route,
    Station,
    from_published,
    plain_name,
)
from rm_rewards.jsonl import dump

Membership: TypeAlias = Mapping[str, frozenset[str]]
"""The names of the stations of each line, read from its paths."""


# An independent judge: it reads `Network.lines` with networkx, and nothing of rm_data.


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


def test_every_question_about_a_real_city_is_true(station_lists: Path) -> None:
    kinds: Counter[str] = Counter()
    for path in find_networks([station_lists]):
        network = load_network(path)
        for question in ask(network, seed=7):
            JUDGES[question.type](network, question)
            kinds[question.type] += 1
    assert set(kinds) == set(QUESTION_TYPES)
    assert sum(kinds.values()) > 2000


@settings(deadline=None, max_examples=150)
@given(data=st.data(), seed=st.integers(0, 5))
def test_every_question_about_a_random_network_is_true(
    random_networks: SearchStrategy[Network], data: st.DataObject, seed: int
) -> None:
    network = data.draw(random_networks)
    for question in ask(network, seed=seed, per_map=8):
        JUDGES[question.type](network, question)


@pytest.mark.parametrize("style", ["compact", "named"])
@pytest.mark.parametrize("seed", range(8))
def test_every_question_about_a_synthetic_city_is_true(style: str, seed: int) -> None:
    network = generate(seed, style=style)
    made = list(ask(network, per_map=6))
    for question in made:
        JUDGES[question.type](network, question)
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
    networks: tuple[Network, Network],
) -> None:
    true, published = networks
    for question in ask(published, per_map=30):
        JUDGES[question.type](true, question)


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


def one_spelling(route: Route) -> Spelled:
    return tuple(
        (line, tuple(stop.replace("西单站", "西单") for stop in stops))
        for line, stops in spelled(route)
    )


def test_nothing_is_asked_about_a_station_with_two_spellings_and_no_route_depends_on_it() -> None:
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
        judge_planning(network, question)
        assert question.station_1 is not None
        assert question.station_2 is not None
        expected = all_optimal(merged, question.station_1, question.station_2)
        assert {one_spelling(route) for route in question.routes or ()} == expected


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
    assert {q.station_1 for q in made} == {None, "Q", "R"}


def mean_gap(graph: nx.Graph[str], questions: list[Question], answer: int) -> float:
    gaps = [
        nx.single_source_shortest_path_length(graph, q.station_1)[q.station_2]
        for q in questions
        if q.answer == answer and q.station_1 is not None and q.station_2 is not None
    ]
    return sum(gaps) / len(gaps)


def test_yes_and_no_come_in_halves_and_the_distance_does_not_tell(station_lists: Path) -> None:
    network = load_network(station_lists / "china" / "shenzhen.json")
    graph: nx.Graph[str] = nx.compose_all(
        [line_graph(network, line.name) for line in network.lines]
    )
    for kind in ("TorF1", "TorF2"):
        made = list(ask(network, kind, per_map=41))
        assert len(made) == 41
        assert Counter(q.answer for q in made) in ({0: 20, 1: 21}, {0: 21, 1: 20})
    made = list(ask(network, "TorF1", per_map=100))
    assert abs(mean_gap(graph, made, 0) - mean_gap(graph, made, 1)) < 2
    lines = Counter((q.line, q.answer) for q in ask(network, "TorF2", per_map=100))
    assert all(abs(lines[line.name, 0] - lines[line.name, 1]) <= 1 for line in network.lines)


def test_letters_places_and_counts_of_the_right_option_are_spread(station_lists: Path) -> None:
    network = load_network(station_lists / "china" / "shenzhen.json")
    made = list(ask(network, "Counting1", per_map=200))
    letters = Counter(q.answer for q in made)
    assert max(letters.values()) - min(letters.values()) <= 1
    ranks: Counter[int] = Counter()
    for q in made:
        assert q.options is not None
        assert q.answer is not None
        numbers = [int(option) for option in q.options]
        if numbers[q.answer] >= 3:
            ranks[sorted(numbers).index(numbers[q.answer])] += 1
    assert min(ranks.values()) > sum(ranks.values()) / 8
    counts = Counter(len(q.fine_grained_answer or ()) for q in made)
    assert max(counts.values()) <= 12


def test_no_number_of_lines_is_the_answer_to_more_than_half_plus_one(station_lists: Path) -> None:
    for path in find_networks([station_lists]):
        answers = Counter(q.answer for q in ask(load_network(path), "Counting2"))
        assert max(answers.values()) <= sum(answers.values()) / 2 + 1


def test_a_map_with_enough_pairs_gives_the_published_quota(station_lists: Path) -> None:
    network = load_network(station_lists / "china" / "beijing.json")
    short: list[Shortfall] = []
    made = list(ask(network, report=short.append))
    assert short == []
    assert Counter(q.type for q in made) == PER_MAP
    grades = Counter(q.difficulty_question for q in made if q.type == "planning")
    assert grades == {"easy": 20, "middle": 15, "hard": 5}
    assert {q.difficulty_city for q in made} == {"hard"}
    assert len({q.id for q in made}) == len(made)
    assert made[0].id == "china/beijing/TorF1/0"


def test_what_a_map_cannot_give_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    network = from_published({"Only": ["A", "B", "C"]}, city="tiny")
    short: list[Shortfall] = []
    made = list(ask(network, "TorF2,planning", per_map=8, report=short.append))
    assert [str(s) for s in short] == [
        "tiny: TorF2: 1 of 8",
        "tiny: planning easy: 3 of 4",
        "tiny: planning middle: 0 of 3",
        "tiny: planning hard: 0 of 1",
    ]
    assert len(made) == 4
    with caplog.at_level(logging.INFO):
        assert len(list(ask(network, "TorF2", per_map=8))) == 1
    assert caplog.messages == ["tiny: TorF2: 1 of 8"]


@pytest.mark.parametrize(
    ("transfers", "expected"),
    [((0, 0), {0: 12}), ((1, 1), {1: 12}), ((1, 2), {1: 9, 2: 3}), ((2, 3), {2: 11, 3: 1})],
)
def test_planning_keeps_to_the_allowed_transfers(
    station_lists: Path, transfers: tuple[int, int], expected: dict[int, int]
) -> None:
    network = load_network(station_lists / "china" / "beijing.json")
    made = ask(network, "planning", per_map=12, transfers=transfers)
    counts = Counter(q.question_transfer_count for q in made)
    assert sum(counts.values()) == 12
    assert set(counts) <= set(expected)
    if len(expected) == 1 or transfers == (1, 2):
        assert counts == expected


def test_the_same_seed_gives_the_same_bytes_whatever_else_is_asked() -> None:
    network = generate(5, style="named")
    everything = [dump(q) for q in ask(network, seed=3, per_map=9)]
    assert everything == [dump(q) for q in ask(network, seed=3, per_map=9)]
    by_type = [dump(q) for kind in QUESTION_TYPES for q in ask(network, kind, seed=3, per_map=9)]
    assert everything == by_type
    assert everything != [dump(q) for q in ask(network, seed=4, per_map=9)]


def test_the_bytes_do_not_depend_on_the_hash_seed_of_the_process() -> None:
    program = (
        "from rm_data import ask, generate; from rm_rewards.jsonl import dump\n"
        "for q in ask(generate(5, style='named'), seed=3): print(dump(q))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_the_shared_columns_are_filled() -> None:
    network = generate(1)
    made = list(ask(network, figure="maps/a.png", network_path="maps/a.json", city_transfers=30))
    assert {(q.figure, q.network, q.country, q.city) for q in made} == {
        ("maps/a.png", "maps/a.json", "synthetic", network.city)
    }
    assert {(q.city_line_count, q.city_transfer_count) for q in made} == {(len(network.lines), 30)}


def test_thirty_questions_about_a_tiny_map_take_five_milliseconds_at_most() -> None:
    networks = [generate(seed) for seed in range(60)]
    times: list[float] = []
    for network in networks:
        begun = time.perf_counter()
        count = len(list(ask(network, per_map=6)))
        times.append(time.perf_counter() - begun)
        assert count > 15
    assert sorted(times)[len(times) // 2] < 0.005


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"types": "TorF3"}, "types: found 'TorF3', expected one of TorF1, TorF2"),
        ({"types": []}, "at least one type"),
        ({"per_map": {"TorF1": -1}}, r"per_map\['TorF1'\]: found -1"),
        ({"per_map": {"Torf1": 3}}, "per_map: found 'Torf1'"),
        ({"transfers": (2, 1)}, "transfers: found"),
    ],
)
def test_arguments_that_make_no_sense_are_refused_before_the_first_question(
    arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(RecordError, match=message):
        ask(generate(0), **arguments)  # pyright: ignore[reportArgumentType] - what a caller may do


def test_a_line_without_stations_does_no_harm() -> None:
    network = Network(
        city="c",
        lines=(Line(name="None", paths=((),)), Line(name="L", paths=(("A", "B", "C"),))),
        stations=tuple(Station(id=s, name=s) for s in "ABC"),
    )
    for question in ask(network):
        JUDGES[question.type](network, question)
