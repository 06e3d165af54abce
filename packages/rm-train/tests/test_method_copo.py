from __future__ import annotations

from collections.abc import Callable
from math import nan

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import rm_train
from rm_rewards.methods.copo import MODES, Mode, copo_batch
from rm_train import TrainConfig
from rm_train.advantages import advantages
from rm_train.curves import read_metrics
from rm_train.methods import methods_of
from rm_train.methods.copo import Copo, answer_entropy, blended, prompt_advantages
from rm_train.methods.groups import by_group

MakeConfig = Callable[..., TrainConfig]

ANSWERS = ["7"] * 6 + ["3"] * 6 + ["7", "7", "7", "2", "5", "9"] + ["1", "2", "3", "4", "5", "6"]
REWARDS = torch.tensor([1.0] * 6 + [0.0] * 6 + [1.0] * 3 + [0.0] * 9)
LOCAL = advantages(REWARDS, 6, scale="group")


def test_the_published_batch_has_its_entropies_and_global_advantages() -> None:
    bits = answer_entropy(ANSWERS, 6)
    assert bits.tolist() == pytest.approx([0, 0, 1.7925, 2.5850], abs=1e-4)
    found = prompt_advantages(REWARDS, bits, 6)
    expected = [1.3056, -0.7833, 0.2611, -0.7833]
    assert found[::6].tolist() == pytest.approx(expected, abs=1e-4)
    assert torch.equal(found, found[::6].repeat_interleave(6))


@pytest.mark.parametrize(
    ("mode", "right", "wrong"),
    [
        ("only-soft", 0.9007, -0.8910),
        ("soft-with-zero", 0.9007, 0.2611),  # the published default: wrong replies go up
        ("only-forced", 0.9129, -0.9129),
        ("only-global", 0.2611, 0.2611),
        ("no-global", 0.9129, -0.9129),
    ],
)
def test_each_mode_blends_the_half_right_group_as_published(
    mode: Mode, right: float, wrong: float
) -> None:
    found = _blend(Copo(mode=mode))[12:18]
    assert found.tolist() == pytest.approx([right] * 3 + [wrong] * 3, abs=3e-4)


def test_groups_that_agree_learn_from_the_other_prompts_alone() -> None:
    found = _blend(Copo())
    share = 0.0067
    assert found[:6].tolist() == pytest.approx([(1 - share) * 1.3056] * 6, abs=1e-3)
    assert found[6:12].tolist() == pytest.approx([(1 - share) * -0.7833] * 6, abs=1e-3)
    assert found[18:].abs().max() < 1e-2  # wrong in many ways: next to nothing, as published


def _blend(method: Copo) -> torch.Tensor:
    bits = answer_entropy(ANSWERS, 6)
    whole = prompt_advantages(REWARDS, bits, 6)
    shares = method.shares(bits).repeat_interleave(6)
    return blended(LOCAL, whole, shares, REWARDS, method.mode)


@given(
    st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=12, max_size=12),
    st.lists(st.sampled_from(["1", "2", "0.5", "1/2", None]), min_size=12, max_size=12),
    st.sampled_from(MODES),
    st.booleans(),
)
def test_the_blend_is_that_of_the_plain_numbers(
    rewards: list[float], said: list[str | None], mode: Mode, scaled: bool
) -> None:
    earned = torch.tensor(rewards, dtype=torch.float64)
    answers = [said[i : i + 4] for i in (0, 4, 8)]
    plain = copo_batch(by_group(earned, 4), answers, mode=mode, scaled=scaled)
    bits = answer_entropy(said, 4).double()
    local = torch.tensor([a for one in plain for a in one.local_advantages], dtype=torch.float64)
    whole = prompt_advantages(earned, bits, 4, scaled=scaled)
    shares = Copo().shares(bits).repeat_interleave(4)
    found = blended(local, whole, shares, earned, mode)
    expected = torch.tensor([a for one in plain for a in one.advantages], dtype=torch.float64)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("divided", [True, False])
def test_one_prompt_a_step_has_no_global_part_and_no_nan(divided: bool) -> None:
    rewards = torch.tensor([1.0, 0.0, 0.0, 1.0])
    found = prompt_advantages(rewards, torch.tensor([1.0]), 4, divided=divided)
    assert found.tolist() == [0.0] * 4


def test_what_was_not_scored_is_left_out() -> None:
    rewards = torch.tensor([1.0, nan, nan, nan, 0.0, 0.0])
    bits = torch.zeros(3)
    whole = prompt_advantages(rewards, bits, 2, divided=False)
    assert whole.tolist() == [0.5, 0.5, 0.0, 0.0, -0.5, -0.5]
    local = torch.zeros(6)
    found = blended(local, whole, torch.full((6,), 0.5), rewards, "only-soft")
    assert found.tolist() == [0.25, 0.0, 0.0, 0.0, -0.25, -0.25]


def test_a_run_blends_and_says_how(
    make_config: MakeConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    config = make_config(method="copo:b=1.5", max_steps=2, save_steps=0, advantage="none")
    rm_train.run(config)
    lines = read_metrics(config.out / "metrics.jsonl")
    assert all(0 <= line["method"]["copo/entropy"] <= 2 for line in lines)
    said = capsys.readouterr().err
    assert "times R - mean R of the prompt's mean reward" in said
    assert "sigmoid(5 (H - 1.5))" in said


def test_under_the_groups_deviation_the_prompts_are_divided_too(make_config: MakeConfig) -> None:
    (method,) = methods_of("copo")
    method.check(make_config(advantage="group"))
    assert "(R - mean R) / std R" in method.acts()
