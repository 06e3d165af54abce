import gc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import (
    Leg,
    Question,
    RecordError,
    Reward,
    reward_spec,
    route_text,
    score,
    score_group,
)
from rm_rewards.jsonl import read_network
from rm_rewards.marker import Marker, marker

DEMO = read_network(Path(__file__).parent / "data/demo.json")
TRIP = Question(id="q", type="planning", question="?", station_1="Alpha", station_2="Hotel")
COUNT = Question(id="c", type="Counting2", question="?", answer=8)
GOLD = (
    Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Charlie"),
    Leg(route_name="Blue Line", departure_stop="Charlie", arrival_stop="Hotel"),
)
STOPS = st.sampled_from(["Alpha", "Charlie", "Hotel", "Nowhere", "golf station"])
LEGS = st.builds(
    Leg,
    route_name=st.sampled_from(["Red Line", "blue", "Line 9"]),
    departure_stop=STOPS,
    arrival_stop=STOPS,
)
PROSE = st.sampled_from(
    ["", "I look.\n", "The name?\n", "<think>x</think>", "\\text{a}\n", "a -> b"]
)


def _reply(prose: str, legs: list[Leg], tail: str) -> str:
    return prose + route_text(tuple(legs)) + tail


REPLIES = st.builds(
    _reply,
    PROSE,
    st.lists(LEGS, max_size=3),
    st.sampled_from(["", "\n", "\n--", "\nBye.", " "]),
)


@given(st.lists(REPLIES, max_size=12), st.sampled_from(["rewardmap", "sparse", "reference"]))
def test_a_reward_that_was_kept_is_the_one_that_is_made_anew(texts: list[str], name: str) -> None:
    kept = marker(TRIP, DEMO, name)
    fresh = [Marker(TRIP, DEMO, name).reward(text, i) for i, text in enumerate(texts)]
    assert kept.rewards(texts) == fresh
    assert [kept.reward(text, i) for i, text in enumerate(texts)] == fresh


@pytest.mark.parametrize("before", ["", "I look.\n", "<think>x</think>", "<think>x</think>\n"])
def test_a_route_before_an_empty_label_is_not_taken_for_another(before: str) -> None:
    kept = Marker(TRIP, DEMO, "rewardmap")
    for stop in ("Charlie", "Hotel", "Golf"):
        text = f"{before}Red Line: Alpha -> {stop}\nRoute Name:\n"
        assert kept.reward(text, 0) == Marker(TRIP, DEMO, "rewardmap").reward(text, 0)
        assert kept.reward(text, 0).parsed == f"Red Line: Alpha -> {stop}"


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        (f"<think>Red, then Blue.</think>\n\n{route_text(GOLD)}", ()),
        (f"<think>{route_text(GOLD[:1])}</think>{route_text(GOLD)}", ()),
        (f"</think></think>{route_text(GOLD)}", ()),
        (f"{route_text(GOLD)}</think> \n", ("answer_inside_think",)),
        (f"<think>x</think><think>{route_text(GOLD)}", ("form:labels",)),
        (f"<think>x</think>{route_text(GOLD)}\n<think>", ("form:other_text",)),
        (f"<think>x</think></THINK>{route_text(GOLD)}", ()),
    ],
)
def test_a_route_is_kept_by_what_stands_after_the_reasoning(
    text: str, reasons: tuple[str, ...]
) -> None:
    kept = Marker(TRIP, DEMO, "rewardmap")
    for _ in range(2):
        found = kept.reward(text, 0)
        assert (found.correct, found.reasons) == (True, reasons)


def test_the_marker_of_a_question_is_made_once() -> None:
    assert marker(TRIP, DEMO, "rewardmap") is marker(TRIP, DEMO, "rewardmap")
    assert marker(TRIP, DEMO, "sparse") is not marker(TRIP, DEMO, "rewardmap")
    assert marker(TRIP, replace(DEMO), "rewardmap") is not marker(TRIP, DEMO, "rewardmap")


def test_a_question_that_takes_the_place_of_another_has_its_own_marker() -> None:
    for answer in range(3_000):  # more than are kept; addresses in memory come again
        asked = Question(id=f"c{answer}", type="Counting2", question="?", answer=answer)
        reward = score(asked, rf"\boxed{{{answer}}}")
        assert reward.correct
        assert reward.question_id == asked.id
        del asked
    gc.collect()


def test_more_replies_than_are_kept_are_scored_alike() -> None:
    texts = [rf"\boxed{{{i % 700}}}" for i in range(2_100)] + ["8" * 5_000] * 2
    rewards = score_group(COUNT, texts)
    assert [reward.sample for reward in rewards] == list(range(2_102))
    assert [i for i, reward in enumerate(rewards) if reward.correct] == [8, 708, 1408]


def test_threads_share_a_marker() -> None:
    texts = [f"try {i % 37}\n" + route_text(GOLD[: 1 + i % 2]) for i in range(400)]

    def scored(text: str) -> Reward:
        return score(TRIP, text, network=DEMO)

    expected = [Marker(TRIP, DEMO, "rewardmap").reward(text, 0) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(scored, texts * 5))
    assert found == expected * 5


def test_a_question_that_cannot_be_graded_is_refused_each_time() -> None:
    asked = replace(COUNT, type="Riddle")
    for _ in range(2):
        with pytest.raises(RecordError, match="Riddle"):
            marker(asked, None, reward_spec("rewardmap"))
