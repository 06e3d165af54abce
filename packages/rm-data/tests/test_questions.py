from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import networkx as nx
import pytest

from rm_data import PER_MAP, Shortfall, ask, find_networks, generate, load_network
from rm_rewards import (
    QUESTION_TYPES,
    Question,
    RecordError,
    from_published,
)
from rm_rewards.jsonl import dump


def mean_gap(graph: nx.Graph[str], questions: list[Question], answer: int) -> float:
    gaps = [
        nx.single_source_shortest_path_length(graph, q.station_1)[q.station_2]
        for q in questions
        if q.answer == answer and q.station_1 is not None and q.station_2 is not None
    ]
    return sum(gaps) / len(gaps)


def test_yes_and_no_come_in_halves_and_the_distance_does_not_tell(station_lists: Path) -> None:
    network = load_network(station_lists / "china" / "shenzhen.json")
    graph: nx.Graph[str] = nx.Graph(
        (a, b) for near in network.neighbours.values() for a in near for b in near[a]
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
        ranks[sorted(numbers).index(numbers[q.answer])] += 1
    assert max(ranks.values()) - min(ranks.values()) <= 1
    counts = Counter(len(q.fine_grained_answer or ()) for q in made)
    assert len(counts) > 30
    assert max(counts.values()) <= 16


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
    assert min(times) < 0.005


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
