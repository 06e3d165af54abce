from itertools import product
from math import inf
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Leg, Question, RecordError, route_text
from rm_rewards.jsonl import read_network
from rm_rewards.methods.grounded_prm import (
    Node,
    backup,
    best_child,
    grounded_reward,
    published_uct,
    rollout_reward,
    step_verdicts,
    uct,
)

DEMO = read_network(Path(__file__).parent / "data/demo.json")
TRIP = Question(id="q", type="planning", question="?", station_1="Alpha", station_2="Juliet")
RED = Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Charlie")
BLUE = Leg(route_name="Blue Line", departure_stop="Charlie", arrival_stop="Hotel")
THREE = Leg(route_name="Line 3", departure_stop="Hotel", arrival_stop="Juliet")
OFF = Leg(route_name="Red Line", departure_stop="Charlie", arrival_stop="Hotel")


@pytest.mark.parametrize(
    ("steps", "final", "value"),
    [
        ([1, 1], 1, 1.25),
        ([1, -1], 1, 0.75),
        ([1, -1], -1, -0.25),
        ([], 1, 1.0),
        ([], -1, -1.0),
        ([1, 1, 1, 1], -1, 0.375),
        ([1, 1, 1, 1], 1, 0.875),
        ([1], 1, 2.0),
    ],
)
def test_the_published_reward_of_a_rollout(steps: list[int], final: int, value: float) -> None:
    assert rollout_reward(steps, final) == pytest.approx(value)


def test_right_steps_to_a_wrong_end_pay_in_the_published_form_alone() -> None:
    assert rollout_reward([1, 1, 1, 1], -1) > 0
    for n in range(8):
        for steps in product([1, -1], repeat=n):
            assert grounded_reward(steps, -1) < 0 < grounded_reward(steps, 1)
            assert grounded_reward(steps, -1) >= -1.0
            assert grounded_reward(steps, 1) <= 1.0


@given(st.lists(st.sampled_from([1, -1]), max_size=64), st.sampled_from([1, -1]))
def test_rewards_are_bounded_and_a_wrong_step_never_pays(steps: list[int], final: int) -> None:
    assert -2.0 <= rollout_reward(steps, final) <= 2.0
    for i in range(len(steps)):
        worse = [*steps[:i], -1, *steps[i + 1 :]]
        for reward in (rollout_reward, grounded_reward):
            assert reward(worse, final) <= reward(steps, final) + 1e-12


def test_a_reward_fades_on_its_way_up_the_tree() -> None:
    path = [Node(), Node(), Node(total=1.0, visits=1), Node()]
    found = backup(path, 1.25)
    assert [node.total for node in found] == pytest.approx([1.25, 1.125, 2.0125, 0.91125])
    assert [node.visits for node in found] == [1, 1, 2, 1]
    assert found[2].mean == pytest.approx(1.00625)


def test_the_published_bound_adds_one_to_both_counts() -> None:
    assert uct(0.5, 9, 2) == pytest.approx(1.9821, abs=1e-4)
    assert published_uct(0.5, 9, 2) == pytest.approx(1.7388, abs=1e-4)
    assert uct(0.5, 9, 0) == inf


def test_an_unvisited_child_is_tried_first_and_then_the_better_mean() -> None:
    tried = Node(total=2.0, visits=2)
    assert best_child([tried, Node()], 2) == 1
    assert best_child([Node(total=0.0, visits=2), tried], 4) == 1
    many = Node(total=3.0, visits=30)  # the greater sum, the lesser mean
    assert best_child([many, Node(total=1.0, visits=1)], 31) == 1


@pytest.mark.parametrize(
    ("legs", "steps", "final"),
    [
        ((RED, BLUE, THREE), (1, 1, 1), 1),
        ((RED, OFF, THREE), (1, -1, 1), -1),
        ((BLUE, THREE), (-1, 1), -1),
        ((RED, BLUE), (1, 1), -1),
        ((RED, THREE), (1, -1), -1),
    ],
)
def test_the_graph_is_the_tool_that_verifies_each_leg(
    legs: tuple[Leg, ...], steps: tuple[int, ...], final: int
) -> None:
    found = step_verdicts(TRIP, route_text(legs), network=DEMO)
    assert (found.steps, found.final) == (steps, final)
    assert bool(found.reasons) == (final == -1)


@given(st.lists(st.sampled_from([1, -1]), min_size=1, max_size=12), st.data())
def test_a_wrong_step_more_never_helps_wherever_it_stands(
    steps: list[int], data: st.DataObject
) -> None:
    more = steps.copy()
    more.insert(data.draw(st.integers(0, len(steps))), -1)
    assert grounded_reward(more, -1) <= grounded_reward(steps, -1) + 1e-12
    assert rollout_reward([-1, -1, 1, -1], -1) > rollout_reward([-1, -1, 1], -1)  # as published


@given(st.text())
def test_any_text_gets_a_verdict(text: str) -> None:
    found = step_verdicts(TRIP, text, network=DEMO)
    assert found == step_verdicts(TRIP, text, network=DEMO)
    assert -1.0 <= grounded_reward(found.steps, found.final) <= 1.0


def test_what_cannot_be_used_is_refused() -> None:
    with pytest.raises(RecordError, match="steps: found 0, expected 1 or -1"):
        rollout_reward([0], 1)
    with pytest.raises(RecordError, match=r"final_share: found 0\.4"):
        grounded_reward([1], 1, final_share=0.4)
    with pytest.raises(RecordError, match="at least one child"):
        best_child([], 1)
    with pytest.raises(RecordError, match="visits: found -1"):
        uct(0.0, 1, -1)
    with pytest.raises(RecordError, match="decay: found 2"):
        backup([Node()], 1.0, decay=2)
    with pytest.raises(RecordError, match="network"):
        step_verdicts(TRIP, "")
