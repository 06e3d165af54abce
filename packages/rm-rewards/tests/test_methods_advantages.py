import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import RecordError
from rm_rewards.methods.advantages import standardised

REWARDS = st.lists(st.floats(-100, 100).map(lambda r: round(r, 3)), max_size=16)


def test_a_weight_that_the_whole_group_shares_cancels() -> None:
    rewards = [12, 2.5, 0, 0]
    golden = [1.4677, -0.1971, -0.6353, -0.6353]
    for weight in (1, 1.5, 2):
        found = standardised([weight * r for r in rewards])
        assert found == pytest.approx(golden, abs=1e-4)


@given(REWARDS)
def test_advantages_have_no_mean_and_keep_the_order_of_the_rewards(rewards: list[float]) -> None:
    found = standardised(rewards)
    assert len(found) == len(rewards)
    assert sum(found) == pytest.approx(0, abs=1e-6)
    for r, a in zip(rewards, found, strict=True):
        for s, b in zip(rewards, found, strict=True):
            assert (a > b) == (r > s)


def test_groups_that_do_not_differ_have_no_advantage() -> None:
    assert standardised([]) == ()
    assert standardised([3.0]) == (0.0,)
    assert standardised([0.1, 0.1, 0.1]) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("rewards", "eps"), [([1, float("nan")], 0.0), ([1, 2], -1.0)])
def test_numbers_that_cannot_be_used_are_refused(rewards: list[float], eps: float) -> None:
    with pytest.raises(RecordError, match="expected a"):
        standardised(rewards, eps=eps)
