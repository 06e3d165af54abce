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
