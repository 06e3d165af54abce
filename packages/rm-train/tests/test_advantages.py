from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from rm_train.advantages import advantages, factors, total_rewards
from rm_train.config import Advantage

GROUP = (12.0, 2.5, 0.0, 0.0)


def _weights(*values: float, group: int = 4) -> Tensor:
    return torch.tensor(values).repeat_interleave(group)


def test_the_published_group_gives_the_published_advantages() -> None:
    found = advantages(torch.tensor(GROUP), 4, scale="group")
    assert found.tolist() == pytest.approx([1.4677, -0.1971, -0.6353, -0.6353], abs=1e-4)


def test_the_papers_advantage_is_the_difference_to_the_mean() -> None:
    found = advantages(torch.tensor(GROUP), 4, scale="none")
    assert found.tolist() == pytest.approx([8.375, -1.125, -3.625, -3.625])


@pytest.mark.parametrize("weight", [1.0, 1.5, 2.0])
def test_a_weight_inside_the_reward_cancels_when_divided_by_the_deviation(weight: float) -> None:
    plain = advantages(torch.tensor(GROUP), 4, scale="group")
    inside = advantages(weight * torch.tensor(GROUP), 4, scale="group")
    torch.testing.assert_close(inside, plain, atol=1e-4, rtol=0)


@pytest.mark.parametrize("scale", ["none", "group", "batch"])
def test_a_weight_on_the_advantage_acts_under_every_scale(scale: Advantage) -> None:
    rewards = torch.tensor([*GROUP, *GROUP])
    plain = advantages(rewards, 4, scale=scale)
    weighted = advantages(rewards, 4, scale=scale, weight=_weights(1.0, 2.0))
    torch.testing.assert_close(weighted[:4], plain[:4])
    torch.testing.assert_close(weighted[4:], 2 * plain[4:])


def test_the_batch_deviation_is_one_number_for_all_groups() -> None:
    rewards = torch.tensor([0.0, 2.0, 10.0, 30.0])
    found = advantages(rewards, 2, scale="batch")
    expected = torch.tensor([-1.0, 1.0, -10.0, 10.0]) / (rewards.std() + 1e-4)
    torch.testing.assert_close(found, expected)


def test_a_group_of_equal_rewards_has_no_advantage() -> None:
    for scale in ("none", "group", "batch"):
        assert advantages(torch.full((4,), 3.0), 4, scale=scale).tolist() == [0.0] * 4


def test_a_reply_that_cannot_be_scored_is_left_out_of_its_group() -> None:
    nan = float("nan")
    found = advantages(torch.tensor([1.0, 3.0, nan, nan, nan, nan]), 3, scale="none")
    assert found.tolist() == [-1.0, 1.0, 0.0, 0.0, 0.0, 0.0]


def test_a_component_that_does_not_apply_adds_nothing() -> None:
    nan = float("nan")
    columns = torch.tensor([[1.0, 1.0, 0.5], [1.0, 0.0, nan], [nan, nan, nan]])
    totals = total_rewards(columns, torch.tensor([1.0, 1.0, 0.5]))
    assert totals[:2].tolist() == [2.25, 1.0]
    assert totals[2].isnan()


@given(st.lists(st.floats(-30, 30, width=32), min_size=8, max_size=8), st.sampled_from([2, 4, 8]))
def test_advantages_of_a_group_add_up_to_nothing(values: list[float], group: int) -> None:
    for scale in ("none", "group", "batch"):
        found = advantages(torch.tensor(values), group, scale=scale).view(-1, group)
        assert found.sum(dim=1).abs().max() < 1e-2


def test_the_same_rewards_under_every_comparison() -> None:
    one = torch.tensor(GROUP)
    two = torch.cat((one, torch.tensor([1.0, 0.0, 0.0, 1.0])))
    others = advantages(one, 4, scale="none", baseline="leave-one-out")
    assert others.tolist() == pytest.approx([11.1667, -1.5, -4.8333, -4.8333], abs=1e-4)
    step = advantages(two, 4, scale="batch")
    assert step[:4].tolist() == pytest.approx([2.0379, -0.2737, -0.8821, -0.8821], abs=1e-4)
    divided = advantages(one, 4, scale="group", baseline="leave-one-out")
    torch.testing.assert_close(divided, advantages(one, 4, scale="group"), atol=1e-4, rtol=0)


@pytest.mark.parametrize("scale", ["none", "group", "batch"])
def test_what_a_run_says_of_the_size_of_the_rewards_is_so(scale: Advantage) -> None:
    rewards = torch.tensor([*GROUP, 3.0, 1.0, 0.0, 0.0])
    plain, tenfold = (advantages(r, 4, scale=scale) for r in (rewards, 10 * rewards))
    same = bool(torch.isclose(plain, tenfold, atol=1e-3).all())
    line = factors(scale, weighted=False, weight_inside=False)
    assert line.endswith(f"the size of the rewards {'cancels' if same else 'acts'}")


@pytest.mark.parametrize("scale", ["none", "group", "batch"])
def test_what_a_run_says_of_the_factor_of_leave_one_out_is_so(scale: Advantage) -> None:
    rewards = torch.tensor([*GROUP, 3.0, 1.0, 0.0, 0.0])
    plain = advantages(rewards, 4, scale=scale)
    others = advantages(rewards, 4, scale=scale, baseline="leave-one-out")
    same = bool(torch.isclose(plain, others, atol=1e-3).all())
    line = factors(scale, weighted=False, weight_inside=False, baseline="leave-one-out")
    assert f"its factor k / (k - 1) {'cancels' if same else 'acts'}" in line


@pytest.mark.parametrize("scale", ["none", "group", "batch"])
def test_what_a_run_says_of_a_weight_inside_the_rewards_is_so(scale: Advantage) -> None:
    rewards = torch.tensor([*GROUP, *GROUP])
    inside = advantages(rewards * _weights(1.0, 2.0), 4, scale=scale)
    same = bool(torch.isclose(inside[:4], inside[4:], atol=1e-3).all())
    line = factors(scale, weighted=False, weight_inside=True)
    assert ("cancels under this division" in line) == same


def test_settings_that_a_method_replaces_are_said_to_do_nothing() -> None:
    line = factors("group", weighted=False, weight_inside=True, replaced="Remax")
    assert "as Remax compares (`advantage` and `baseline` do nothing)" in line
    assert "the difficulty weight acts through the reward" in line
    assert "cancels" not in line


@pytest.mark.parametrize(
    ("scale", "weighted", "inside", "said"),
    [
        ("none", True, False, "times the difficulty weight"),
        ("group", True, False, "times the difficulty weight"),
        ("none", False, False, "no difficulty weight"),
        ("group", False, True, "cancels under this division"),
        ("none", False, True, "acts through the reward"),
    ],
)
def test_a_run_says_which_factors_act(
    scale: Advantage, weighted: bool, inside: bool, said: str
) -> None:
    assert said in factors(scale, weighted=weighted, weight_inside=inside)


def test_leave_one_out_compares_with_the_other_replies() -> None:
    rewards = torch.tensor([4.0, 1.0, 0.0, 1.0])
    found = advantages(rewards, 4, scale="none", baseline="leave-one-out")
    others = torch.tensor([2 / 3, 5 / 3, 2.0, 5 / 3])
    torch.testing.assert_close(found, rewards - others)


def test_leave_one_out_leaves_out_what_was_not_scored_and_gives_a_lone_reply_nothing() -> None:
    nan = float("nan")
    rewards = torch.tensor([3.0, 1.0, nan, 5.0, nan, nan])
    found = advantages(rewards, 3, scale="none", baseline="leave-one-out")
    torch.testing.assert_close(found, torch.tensor([2.0, -2.0, 0.0, 0.0, 0.0, 0.0]))
