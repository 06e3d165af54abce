import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import RecordError
from rm_rewards.methods.observe_r1 import (
    bonuses,
    d_weight,
    format_reward,
    observe_group,
    published_format,
)

FORMED = "<observe>a map</observe>\n<think>so</think>\n<answer>8</answer>"
NESTED = "<think><observe>a map</observe> so</think><answer>8</answer>"


@pytest.mark.parametrize(
    ("reply", "published", "repaired"),
    [
        (FORMED, 0.5, 0.5),
        (NESTED, 0.5, 0.5),
        (f"Well. {FORMED} Bye.", 0.5, 0.0),
        (FORMED * 2, 0.5, 0.0),
        ("<observe></observe><think></think><answer></answer>", 0.5, 0.0),
        ("<think>so</think><observe>a</observe><answer>8</answer>", 0.0, 0.0),
        ("<think>so</think><answer>8</answer>", 0.0, 0.0),
        ("<observe>a<think>so</think></observe><answer>8</answer>", 0.0, 0.0),
        ("", 0.0, 0.0),
    ],
)
def test_the_form_is_to_observe_then_think_then_answer(
    reply: str, published: float, repaired: float
) -> None:
    assert published_format(reply) == published
    assert format_reward(reply) == repaired


PIECES = st.lists(
    st.sampled_from(
        [f"<{s}{t}>" for s in ("", "/") for t in ("observe", "think", "answer")] + ["a", " "]
    ),
    max_size=12,
)


@given(st.text() | PIECES.map("".join))
def test_any_text_has_a_form_or_none_and_the_repaired_one_is_stricter(text: str) -> None:
    assert format_reward(text) in (0.0, 0.5)
    assert format_reward(text) <= published_format(text)


def test_the_weight_is_greatest_for_a_group_that_is_half_right() -> None:
    found = [d_weight(k / 8) for k in range(9)]
    rising = [0, 0.7875, 1.35, 1.6875, 1.8]
    assert found == pytest.approx([*rising, *reversed(rising[:-1])])


REWARDS = [1.5, 1.5, 1.0, 0.5, 0.5, 0.0, 0.5, 0.5]
LENGTHS = [300, 180, 90, 50, 400, 20, 500, 130]


def test_the_published_length_test_comes_too_late() -> None:
    found = observe_group(REWARDS, LENGTHS, published=True)
    assert found.bonuses == (0.0,) * 8
    assert found.weight == pytest.approx(1.6875)
    assert found.advantages == pytest.approx(
        [2.3678, 2.3678, 0.7893, -0.7893, -0.7893, -2.3678, -0.7893, -0.7893], abs=1e-4
    )
    correct = [True] * 3 + [False] * 5
    repaired = observe_group(REWARDS, LENGTHS, correct)
    assert repaired.bonuses == (0.0, 0.2, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert repaired.rewards[1] == 1.7


def test_the_published_bonus_falls_to_the_first_of_all_wrong_replies() -> None:
    assert bonuses([False, False], [10, 10], published=True) == (0.2, 0.0)
    assert bonuses([False, False], [10, 200]) == (0.0, 0.0)
    assert bonuses([], []) == ()


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5000)), max_size=12))
def test_at_most_one_right_reply_gets_the_bonus(group: list[tuple[bool, int]]) -> None:
    correct, lengths = [c for c, _ in group], [n for _, n in group]
    found = bonuses(correct, lengths)
    paid = [i for i, bonus in enumerate(found) if bonus]
    eligible = [n for c, n in group if c and n > 100]
    assert len(paid) == bool(eligible)
    assert all(lengths[i] == min(eligible) and correct[i] for i in paid)


def test_groups_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(RecordError, match="lengths: found 1, expected 2"):
        bonuses([True, True], [1])
    with pytest.raises(RecordError, match="lengths: found -1"):
        bonuses([True], [-1])
    with pytest.raises(RecordError, match="correct: found None"):
        observe_group([1.0], [1])
    with pytest.raises(RecordError, match="at least one reply"):
        observe_group([], [], [])
    with pytest.raises(RecordError, match=r"correct_share: found 1\.5"):
        d_weight(1.5)
