"""What every reward must hold, over generated replies. RM_REPLIES=100000 asks for that many."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import islice, permutations
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rm_rewards import (
    Leg,
    Network,
    Question,
    Reward,
    gold_answer,
    reward_spec,
    route_text,
    score,
    score_group,
)
from rm_rewards.directory import directory_of
from rm_rewards.generated import generated_replies
from rm_rewards.honest import honest_routes
from rm_rewards.jsonl import read_network
from rm_rewards.reading import read_answer, reader
from rm_rewards.route import read_route
from rm_rewards.search import best_routes
from rm_rewards.specs import SPECS

DEMO = read_network(Path(__file__).parent / "data/demo.json")
NAMES = [station.name for station in DEMO.stations]
LINES = [line.name for line in DEMO.lines]
GROUP = 20
REPLIES = int(os.environ.get("RM_REPLIES", "4000"))
many = settings(max_examples=max(1, REPLIES // GROUP))

PUBLISHED = {"reference", "paper"}
"""Their faults are kept: a wrong reply can beat a right one, and names are compared as they are."""
BY_POSITION = {"star-r1"}
"""Each statement is about leg 1, leg 2, ...: a leg put in moves those after it, and one with the
right line for its place is right in that."""
ORDERED = sorted(SPECS.keys() - PUBLISHED)


def _plans() -> Iterator[Question]:
    """All plans that can be made on the map."""
    directory = directory_of(DEMO)
    for start, end in permutations(NAMES, 2):
        routes = best_routes(directory, directory.place(start), directory.place(end))
        if routes:
            yield Question(
                id="p",
                type="planning",
                question="?",
                station_1=start,
                station_2=end,
                question_transfer_count=len(routes[0]) - 1,
            )


STATIONS = st.sampled_from(NAMES)
PLANS = st.sampled_from(list(_plans()))
SHORT = st.sampled_from(
    [
        Question(id="t", type="TorF1", question="Is it?", answer=1),
        Question(id="f", type="TorF2", question="Is it?", answer=0),
        Question(
            id="c1",
            type="Counting1",
            question="How many?",
            answer=2,
            options=("1", "2", "3", "4"),
            fine_grained_answer=("Bravo", "Charlie", "Delta"),
        ),
        Question(id="c2", type="Counting2", question="How many?", answer=8),
        Question(id="c3", type="Counting3", question="How many?", answer=0),
    ]
)
QUESTIONS = st.one_of(PLANS, SHORT)
SEEDS = st.integers(0, 2**64 - 1)
each_spec = pytest.mark.parametrize("reward", sorted(SPECS))
each_ordered = pytest.mark.parametrize("reward", ORDERED)


def _drawn(question: Question, seed: int) -> list[str]:
    return list(islice(generated_replies(question, DEMO, Random(seed)), GROUP))


def _scored(question: Question, texts: Sequence[str], reward: str) -> list[Reward]:
    return score_group(question, texts, network=DEMO, reward=reward)


@many
@given(QUESTIONS, SEEDS)
def test_every_reply_is_scored_within_bounds_and_no_wrong_one_beats_a_right_one(
    question: Question, seed: int
) -> None:
    texts = _drawn(question, seed)
    for reward in SPECS:
        low, high = reward_spec(reward).bounds
        found = _scored(question, texts, reward)
        assert all(low - 1e-9 <= r.total <= high + 1e-9 for r in found)
        right = [r.total for r in found if r.correct]
        wrong = [r.total for r in found if not r.correct]
        if reward not in PUBLISHED:
            assert min(right, default=high) >= max(wrong, default=low) - 1e-9


@each_spec
@given(question=QUESTIONS, seed=SEEDS)
@settings(max_examples=25)
def test_the_same_replies_earn_the_same_again_and_from_eight_threads(
    question: Question, seed: int, reward: str
) -> None:
    texts = _drawn(question, seed)
    found = _scored(question, texts, reward)
    alone = partial(score, question, network=DEMO, reward=reward)
    assert found == [replace(alone(text), sample=i) for i, text in enumerate(texts)]
    with ThreadPoolExecutor(8) as pool:
        again = list(pool.map(alone, texts))
    assert found == [replace(r, sample=i) for i, r in enumerate(again)]


@each_ordered
@given(question=PLANS, data=st.data())
@settings(max_examples=60)
def test_a_right_route_earns_no_less_than_it_does_with_one_change(
    question: Question, reward: str, data: st.DataObject
) -> None:
    legs = list(data.draw(st.sampled_from(honest_routes(question, DEMO))))
    right = score(question, route_text(tuple(legs)), network=DEMO, reward=reward)
    at = data.draw(st.integers(0, len(legs) - 1))
    field = data.draw(st.sampled_from(["route_name", "departure_stop", "arrival_stop", "drop"]))
    value = data.draw(st.sampled_from([*(LINES if field == "route_name" else NAMES), "Nowhere"]))
    if field == "drop":
        del legs[at]
    else:
        legs[at] = _with(legs[at], field, value)
    assert right.correct
    assert score(question, route_text(tuple(legs)), network=DEMO, reward=reward).total <= (
        right.total + 1e-9
    )


def _with(leg: Leg, field: str, value: str) -> Leg:
    if field == "route_name":
        return replace(leg, route_name=value)
    if field == "departure_stop":
        return replace(leg, departure_stop=value)
    return replace(leg, arrival_stop=value)


@each_ordered
@given(question=PLANS, data=st.data())
@settings(max_examples=60)
def test_a_wrong_leg_more_never_helps(question: Question, reward: str, data: st.DataObject) -> None:
    legs = data.draw(st.lists(_legs(), min_size=1, max_size=4))
    best = data.draw(st.sampled_from(honest_routes(question, DEMO)))
    legs = list(best) if data.draw(st.booleans()) else legs
    anywhere = reward not in BY_POSITION
    wrong = Leg(
        route_name=data.draw(st.sampled_from(["Ghost Line", *(LINES if anywhere else [])])),
        departure_stop="Nowhere",
        arrival_stop="Elsewhere",
    )
    before = score(question, route_text(tuple(legs)), network=DEMO, reward=reward)
    first = 0 if anywhere else len(legs)
    legs.insert(data.draw(st.integers(first, len(legs))), wrong)
    after = score(question, route_text(tuple(legs)), network=DEMO, reward=reward)
    assert after.total <= before.total + 1e-9


@each_ordered
@given(question=SHORT, seed=SEEDS, wrong=st.sampled_from(["yes", "no", "A", "B", "5", "?"]))
@settings(max_examples=40)
def test_a_wrong_box_more_never_helps(
    question: Question, seed: int, wrong: str, reward: str
) -> None:
    box = f"\\boxed{{{wrong}}}"
    if score(question, box).correct:
        return
    for text in [gold_answer(question), *_drawn(question, seed)[:3]]:
        before = score(question, text, reward=reward)
        after = score(question, f"{text}\n{box}", reward=reward)
        assert not after.correct or before.correct
        assert after.total - after.format <= before.total - before.format + 1e-9
        if before.format > 0:  # else the box itself is the form that was missing
            assert after.total <= before.total + 1e-9


def _legs() -> st.SearchStrategy[Leg]:
    return st.builds(
        Leg,
        route_name=st.sampled_from(LINES),
        departure_stop=STATIONS,
        arrival_stop=STATIONS,
    )


WRITTEN: list[Callable[[str], str]] = [
    str.upper,
    str.lower,
    lambda text: text.replace(" Station", ""),
    lambda text: text.replace(": ", ":   ") + "\n\n",
    lambda text: text.replace("\n", "\r\n"),
]


@each_ordered
@given(question=PLANS, legs=st.lists(_legs(), min_size=1, max_size=4))
@settings(max_examples=25)
def test_case_and_spacing_of_names_change_nothing_but_form(
    question: Question, legs: list[Leg], reward: str
) -> None:
    text = route_text(tuple(legs))
    found = score(question, text, network=DEMO, reward=reward)
    for change in WRITTEN:
        other = score(question, change(text), network=DEMO, reward=reward)
        assert (other.correct, other.detail) == (found.correct, found.detail)


@each_ordered
@given(question=PLANS, legs=st.lists(_legs(), min_size=1, max_size=4), seed=SEEDS)
@settings(max_examples=25)
def test_a_map_with_other_names_gives_the_same_rewards(
    question: Question, legs: list[Leg], seed: int, reward: str
) -> None:
    rng = Random(seed)
    stops = {name: f"Q{i}x" for i, name in enumerate(rng.sample(NAMES, len(NAMES)))}
    lines = {name: f"Way {chr(65 + i)}" for i, name in enumerate(rng.sample(LINES, len(LINES)))}
    renamed = _renamed(DEMO, stops, lines)
    asked = replace(
        question,
        station_1=stops[question.station_1 or ""],
        station_2=stops[question.station_2 or ""],
    )
    there = tuple(
        Leg(
            route_name=lines[leg.route_name],
            departure_stop=stops[leg.departure_stop],
            arrival_stop=stops[leg.arrival_stop],
        )
        for leg in legs
    )
    one = score(question, route_text(tuple(legs)), network=DEMO, reward=reward)
    two = score(asked, route_text(there), network=renamed, reward=reward)
    assert (one.total, one.correct, one.reasons) == (two.total, two.correct, two.reasons)


def _renamed(network: Network, stops: dict[str, str], lines: dict[str, str]) -> Network:
    return replace(
        network,
        stations=tuple(replace(s, name=stops[s.name], aliases=()) for s in network.stations),
        lines=tuple(replace(line, name=lines[line.name]) for line in network.lines),
    )


@given(st.lists(_legs(), min_size=1, max_size=8))
def test_what_is_written_is_read_back(legs: list[Leg]) -> None:
    reading = read_route(route_text(tuple(legs)))
    assert (reading.legs, reading.well_formed, reading.reasons) == (tuple(legs), True, ())


@given(SHORT, st.integers(0, 3), st.integers(0, 99))
def test_an_answer_that_is_written_is_read_back(question: Question, small: int, n: int) -> None:
    answers = {"TorF1": small % 2, "TorF2": small % 2, "Counting1": small}
    asked = replace(question, answer=answers.get(question.type, n))
    values = reader(asked.type, asked.options)
    assert values is not None
    reading = read_answer(gold_answer(asked), values)
    assert gold_answer(asked) == f"\\boxed{{{reading.value}}}"
    assert reading.well_formed


def test_the_generated_replies_are_of_all_kinds() -> None:
    question = next(q for q in _plans() if q.question_transfer_count)
    texts = list(islice(generated_replies(question, DEMO, Random(1)), 2_000))
    assert texts == list(islice(generated_replies(question, DEMO, Random(1)), 2_000))
    found = _scored(question, texts, "rewardmap")
    assert sum(r.correct for r in found) >= 100
    assert sum(0 < r.detail < 1 for r in found) >= 300
    assert sum(r.status == "unparsed" for r in found) >= 300
