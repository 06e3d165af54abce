from itertools import pairwise
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import RecordError
from rm_rewards.methods.copo import as_written, canonical, copo_batch, entropy, local_share

ANSWERS = [["7"] * 6, ["3"] * 6, ["7", "7", "7", "2", "5", "9"], ["1", "2", "3", "4", "5", "6"]]
REWARDS = [[1.0] * 6, [0.0] * 6, [1.0] * 3 + [0.0] * 3, [0.0] * 6]


def test_the_parts_of_a_batch_of_four_groups() -> None:
    found = copo_batch(REWARDS, ANSWERS)
    assert [g.entropy for g in found] == pytest.approx([0, 0, 1.7925, 2.5850], abs=1e-4)
    assert [g.reward for g in found] == [1, 0, 0.5, 0]
    assert [g.global_advantage for g in found] == pytest.approx(
        [1.3056, -0.7833, 0.2611, -0.7833], abs=1e-4
    )
    assert [g.coefficient for g in found] == pytest.approx([1, 1, 0.4221, 0.1667], abs=1e-4)


@pytest.mark.parametrize(
    ("k", "b", "shares"),
    [(5, 1, [0.0067, 0.0067, 0.9813, 0.9996]), (20, 1.5, [0, 0, 0.9971, 1.0])],
)
def test_the_share_of_the_local_advantage(k: float, b: float, shares: list[float]) -> None:
    found = [local_share(entropy(answers), k=k, b=b) for answers in ANSWERS]
    assert found == pytest.approx(shares, abs=1e-4)


def test_the_published_mode_pushes_wrong_replies_up_and_the_default_does_not() -> None:
    soft = copo_batch(REWARDS, ANSWERS)[2]
    assert soft.local_advantages == pytest.approx([0.9129] * 3 + [-0.9129] * 3, abs=1e-4)
    assert soft.advantages == pytest.approx([0.9007] * 3 + [-0.8910] * 3, abs=1e-4)
    zero = copo_batch(REWARDS, ANSWERS, mode="soft-with-zero")[2]
    assert zero.advantages[3:] == pytest.approx([0.2611] * 3, abs=1e-4)


def test_the_other_modes_take_one_side_alone() -> None:
    whole = copo_batch(REWARDS, ANSWERS, mode="only-global")[2]
    assert whole.advantages == (whole.global_advantage,) * 6
    local = copo_batch(REWARDS, ANSWERS, mode="no-global")[2]
    assert local.advantages == local.local_advantages
    forced = copo_batch(REWARDS, ANSWERS, mode="only-forced")
    assert forced[2].weights == (1.0,) * 6
    assert forced[0].weights == (0.0,) * 6


def test_the_reward_of_a_group_of_many_minds_is_scaled_down() -> None:
    found = copo_batch(REWARDS, ANSWERS, scaled=True)
    assert found[2].reward == pytest.approx(0.5 * 0.4221, abs=1e-4)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("1/2", "0.5", True),
        ("0.50", ".5", True),
        ("8", " 8.0 ", True),
        ("Line  1", "line 1", True),
        ("A", "B", False),
        ("1/0", "0", False),
        ("1e5", "100000", False),
    ],
)
def test_equal_answers_are_one(a: str, b: str, same: bool) -> None:
    assert (entropy([a, b]) == 0.0) == same
    assert entropy([a, b], same=as_written) == 1.0


def test_a_batch_of_one_prompt_has_no_global_advantage() -> None:
    (found,) = copo_batch([[1.0, 0.0]], [["a", "b"]])
    assert found.global_advantage == 0.0


@given(st.lists(st.none() | st.text(max_size=6), min_size=1, max_size=12))
def test_entropy_is_bounded_and_never_raises(answers: list[str | None]) -> None:
    assert 0.0 <= entropy(answers) <= log2(len(answers)) + 1e-9
    assert entropy(answers) == entropy(list(reversed(answers)))


@given(st.text())
def test_the_canonical_form_of_a_canonical_form_is_itself(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)


@given(st.lists(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=4, max_size=4), min_size=1))
def test_by_default_no_wrong_reply_gets_more_than_a_right_one(
    rewards: list[list[float]],
) -> None:
    answers = [[str(r) for r in group] for group in rewards]
    for group, found in zip(rewards, copo_batch(rewards, answers), strict=True):
        ranked = sorted(zip(group, found.advantages, strict=True))
        advantages = [a for _, a in ranked]
        assert all(a <= b + 1e-12 for a, b in pairwise(advantages))


def test_batches_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(RecordError, match="answers: found 1, expected 2"):
        copo_batch([[1.0], [1.0]], [["a"]])
    with pytest.raises(RecordError, match="answers: found 1, expected 2"):
        copo_batch([[1.0, 1.0]], [["a"]])
    with pytest.raises(RecordError, match="at least one reply"):
        entropy([])
    with pytest.raises(RecordError, match=r"mode: found 'no global', expected only-soft or"):
        copo_batch([[1.0]], [["a"]], mode="no global")  # pyright: ignore[reportArgumentType]
