import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Leg, Question, RecordError, route_text
from rm_rewards.methods.seed_bench_r1 import (
    accuracy,
    consistency,
    format_reward,
    level_accuracies,
    thought_and_answer,
)


@pytest.mark.parametrize(
    ("answer", "gold", "published", "repaired"),
    [
        ("A", "A", 1.0, 1.0),
        ("A.", "A", 1.0, 1.0),
        (" A) the red one", "A", 1.0, 1.0),
        ("A lot of", "A", 1.0, 0.0),
        ("(A)", "A", 0.0, 1.0),
        ("Option A", "A", 0.0, 1.0),
        ("A or B", "A", 1.0, 0.0),
        ("B", "A", 0.0, 0.0),
        ("", "A", 0.0, 0.0),
        ("", "", 0.0, 0.0),
    ],
)
def test_a_letter_is_more_than_a_first_character(
    answer: str, gold: str, published: float, repaired: float
) -> None:
    assert accuracy(answer, gold, published=True) == published
    assert accuracy(answer, gold) == repaired


FORMED = "<think>so</think> <answer>A</answer>"


@pytest.mark.parametrize(
    ("reply", "published", "repaired"),
    [
        (FORMED, 1.0, 1.0),
        (f"{FORMED} Or else B.", 1.0, 0.0),
        (f"{FORMED}<answer>B</answer>", 1.0, 0.0),
        (f"Well. {FORMED}", 0.0, 0.0),
        ("<think>so</think> hm <answer>A</answer>", 0.0, 0.0),
        ("<answer>A</answer><think>so</think>", 0.0, 0.0),
        ("", 0.0, 0.0),
    ],
)
def test_text_after_the_answer_passes_in_the_published_form_alone(
    reply: str, published: float, repaired: float
) -> None:
    assert format_reward(reply, published=True) == published
    assert format_reward(reply) == repaired


@given(st.text(), st.sampled_from("ABCD"))
def test_any_text_is_judged(text: str, gold: str) -> None:
    assert accuracy(text, gold) in (0.0, 1.0)
    assert format_reward(text) <= format_reward(text, published=True)
    assert sum(accuracy(text, letter) for letter in "ABCD") <= 1.0


def test_each_level_has_its_own_accuracy() -> None:
    levels = ["L1", "L2", "L1", "L3", "L1", "L1"]
    found = level_accuracies(levels, [True, False, True, True, True, False])
    assert found == {"L1": 0.75, "L2": 0.0, "L3": 1.0}
    with pytest.raises(RecordError, match="correct: found 1, expected 2"):
        level_accuracies(["L1", "L2"], [True])


def test_the_consistency_rate() -> None:
    pairs = [("A-B-C", "A-B-C"), ("A-B", "A-D"), ("A-C", "A-C"), (None, "A")]
    assert consistency(pairs) == 0.5
    assert consistency([(None, None)]) == 0.0
    assert consistency([]) == 0.0


PLAN = Question(id="q", type="planning", question="?", station_1="A", station_2="B")
COUNT = Question(id="q", type="Counting2", question="?", answer=8)
RED = route_text((Leg(route_name="Red", departure_stop="A", arrival_stop="B"),))
BLUE = route_text((Leg(route_name="Blue", departure_stop="A", arrival_stop="B"),))


@pytest.mark.parametrize(
    ("question", "reply", "rate"),
    [
        (PLAN, f"<think>\n{RED}\n</think>\n{RED}", 1.0),
        (PLAN, f"<think>\n{BLUE}\n</think>\n{RED}", 0.0),
        (PLAN, f"<think>hm</think>\n{RED}", 0.0),
        (PLAN, RED, 0.0),
        (COUNT, "<think>the answer is 8</think><answer>8</answer>", 1.0),
        (COUNT, "<think>the answer is 7</think>\\boxed{8}", 0.0),
        (COUNT, "", 0.0),
    ],
)
def test_a_reply_is_consistent_if_its_reasoning_comes_to_its_answer(
    question: Question, reply: str, rate: float
) -> None:
    assert consistency([thought_and_answer(question, reply)]) == rate


@given(st.sampled_from([PLAN, COUNT]), st.text())
def test_any_text_has_a_thought_and_an_answer_or_none(question: Question, text: str) -> None:
    assert thought_and_answer(question, text) == thought_and_answer(question, text)
