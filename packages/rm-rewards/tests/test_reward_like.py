import pickle
from dataclasses import FrozenInstanceError, fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Reward
from rm_rewards.reward_like import reward_like

ONE = Reward(
    question_id="q",
    total=1.5,
    format=1.0,
    correctness=0.0,
    detail=0.5,
    weight=2.0,
    correct=False,
    accuracy=0.0,
    status="truncated",
    reasons=("loop",),
    reward_version="v",
)


@given(st.text(), st.integers(0, 99), st.one_of(st.none(), st.text()))
def test_a_reward_like_another_is_its_copy_with_these_three_replaced(
    question_id: str, sample: int, parsed: str | None
) -> None:
    made = reward_like(ONE, question_id, sample, parsed)
    expected = replace(ONE, question_id=question_id, sample=sample, parsed=parsed)
    assert type(made) is Reward
    assert made == expected
    assert (hash(made), repr(made)) == (hash(expected), repr(expected))


def test_every_field_is_taken_over() -> None:
    made = reward_like(ONE, ONE.question_id, ONE.sample, ONE.parsed)
    assert [getattr(made, row.name) for row in fields(Reward)] == [
        getattr(ONE, row.name) for row in fields(Reward)
    ]


def test_the_copy_is_a_frozen_record_like_any_other() -> None:
    made = reward_like(ONE, "other", 1, None)
    with pytest.raises(FrozenInstanceError):
        made.total = 2.0  # pyright: ignore[reportAttributeAccessIssue]
    assert pickle.loads(pickle.dumps(made)) == made
    assert replace(made, question_id="q", sample=0) == ONE
