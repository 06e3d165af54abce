"""REINFORCE++, ReMax and RLOO: what a reply is compared with."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import nan
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

import rm_train
from rm_train import ConfigError, TrainConfig, preparation
from rm_train.advantages import advantages
from rm_train.curves import read_metrics
from rm_train.methods.asking import ask
from rm_train.methods.method import Method
from rm_train.methods.reinforce_plus_plus import ReinforcePlusPlus, to_come, token_moments
from rm_train.methods.remax import Remax, greedy_differences
from rm_train.methods.rloo import Rloo
from rm_train.methods.rollouts import Rollouts

MakeConfig = Callable[..., TrainConfig]
Train = Callable[[TrainConfig, Method], None]


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> Train:
    def train(config: TrainConfig, method: Method) -> None:
        def methods_of(_text: str) -> tuple[Method, ...]:
            return (method,)

        monkeypatch.setattr(preparation, "methods_of", methods_of)
        rm_train.run(config)

    return train


# -- REINFORCE++ -----------------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(st.floats(-5, 5), st.lists(st.floats(-2, 2), min_size=1, max_size=5)),
        min_size=2,
        max_size=6,
    )
)
def test_the_moments_are_those_of_all_tokens_written_out(
    replies: list[tuple[float, list[float]]],
) -> None:
    exact = torch.float64  # squares of float32 would leave a spread where there is none
    tokens = torch.tensor([r - p for r, penalties in replies for p in penalties], dtype=exact)
    rewards = torch.tensor([r for r, _ in replies], dtype=exact)
    lengths = torch.tensor([len(p) for _, p in replies])
    sums = torch.tensor([sum(p) for _, p in replies], dtype=exact)
    squares = torch.tensor([sum(x * x for x in p) for _, p in replies], dtype=exact)
    mean, std = token_moments(rewards, lengths, sums, squares)
    torch.testing.assert_close(mean, tokens.mean(), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(std, tokens.std(), atol=1e-4, rtol=1e-4)


def test_long_replies_count_more_in_the_mean_and_unscored_ones_not_at_all() -> None:
    mean, std = token_moments(torch.tensor([1.0, 0.0, nan]), torch.tensor([3, 1, 9]))
    assert mean == pytest.approx(0.75)
    assert std == pytest.approx(0.5)


def test_a_token_bears_its_own_divergence_and_that_of_those_behind_it() -> None:
    assert to_come(torch.tensor([[1.0, 2.0, 4.0]])).tolist() == [[7.0, 6.0, 4.0]]


@dataclass
class SeenPlusPlus(ReinforcePlusPlus):
    made: list[tuple[Tensor, Tensor, Tensor]] = field(
        default_factory=list[tuple[Tensor, Tensor, Tensor]], init=False
    )

    def advantages(self, advantages: Tensor, rewards: Tensor, rollouts: Rollouts) -> Tensor:
        self._rewards = rewards
        return super().advantages(advantages, rewards, rollouts)

    def token_advantages(self, advantages: Tensor, rollouts: Rollouts) -> Tensor:
        found = super().token_advantages(advantages, rollouts)
        self.made.append((found, self._rewards, rollouts.own["completion_mask"]))
        return found


def test_without_a_penalty_all_tokens_of_a_reply_share_one_advantage(
    make_config: MakeConfig, trained: Train
) -> None:
    seen = SeenPlusPlus()
    trained(make_config(max_steps=2, save_steps=0, difficulty_weight=False), seen)
    for found, rewards, mask in seen.made:
        assert found.shape == rewards.shape
        lengths = mask.sum(dim=1)
        each = rewards.repeat_interleave(lengths)
        expected = (rewards - each.mean()) / (each.std() + 1e-4)
        torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("rank", [0, 4], ids=["full", "LoRA"])
def test_the_penalty_is_in_the_rewards_of_the_tokens(
    make_config: MakeConfig, trained: Train, rank: int
) -> None:
    seen = SeenPlusPlus()
    more: dict[str, object] = {"lora.r": rank} if rank else {}
    config = make_config(
        max_steps=3, save_steps=0, beta=0.5, lr=3e-2, difficulty_weight=False, **more
    )
    trained(config, seen)
    lines = read_metrics(config.out / "metrics.jsonl")
    assert all("kl" not in line for line in lines)  # TRL's own term is off
    assert lines[0]["method"]["reinforce++/kl"] == pytest.approx(0, abs=1e-4)
    assert lines[2]["method"]["reinforce++/kl"] != 0
    for found, _, mask in seen.made:
        inside = found[mask.bool()]
        assert found.shape == mask.shape
        assert float(inside.mean()) == pytest.approx(0, abs=1e-3)
        if float(inside.std()) > 0.1:  # a step in which all replies earn the same has none
            assert float(inside.std()) == pytest.approx(1, abs=1e-2)
    last, rewards, _ = seen.made[-1]
    spread = (last.max(dim=1).values - last.min(dim=1).values).max()
    assert spread > 0
    assert len(rewards) == 8


def test_what_the_penalty_refers_to_is_the_start_also_after_resuming(
    make_config: MakeConfig,
) -> None:
    config = make_config(method="reinforce++", beta=0.5, lr=1e-2)
    rm_train.run(config)
    metrics = config.out / "metrics.jsonl"
    whole = [line["method"]["reinforce++/kl"] for line in read_metrics(metrics)]
    assert whole[0] == pytest.approx(0, abs=1e-4)
    assert whole[3] != pytest.approx(whole[2])
    for done in (config.out / "model", config.out / "checkpoints" / "checkpoint-4"):
        shutil.rmtree(done)
    rm_train.run(replace(config, resume="auto"))
    assert [line["method"]["reinforce++/kl"] for line in read_metrics(metrics)] == whole


def test_a_penalty_that_cannot_act_is_refused(
    make_config: MakeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match="'vespo', which takes one advantage a reply"):
        ReinforcePlusPlus().check(make_config(loss_type="vespo", beta=0.1))
    monkeypatch.setenv("ACCELERATE_USE_DEEPSPEED", "true")
    ReinforcePlusPlus().check(make_config())  # without a penalty no weights are kept
    with pytest.raises(ConfigError, match=r"reinforce\+\+ with beta under DeepSpeed"):
        ReinforcePlusPlus().check(make_config(beta=0.1))


# -- ReMax -----------------------------------------------------------------------------------------


def test_a_reply_is_compared_with_the_greedy_one() -> None:
    rewards = torch.tensor([12.0, 2.5, 0.0, nan])
    found = greedy_differences(rewards, torch.tensor([2.5, 1.0]), 2)
    assert found.tolist() == [9.5, 0.0, -1.0, 0.0]


@dataclass
class SeenRemax(Remax):
    found: list[tuple[Tensor, Tensor, list[str]]] = field(
        default_factory=list[tuple[Tensor, Tensor, list[str]]], init=False
    )
    totals: list[list[float]] = field(default_factory=list[list[float]], init=False)

    def advantages(self, advantages: Tensor, rewards: Tensor, rollouts: Rollouts) -> Tensor:
        found = super().advantages(advantages, rewards, rollouts)
        trainer, rows = rollouts.trainer, rollouts.rows
        texts = ask(trainer, rows, greedy=True)
        scorer: Any = trainer.scorer
        pairs = zip(rows, texts, strict=True)
        self.totals.append(
            [scorer.group(row["question"], [text], None)[0].reward.total for row, text in pairs]
        )
        self.found.append((found, rewards, texts))
        return found


def test_the_baseline_is_the_reward_of_the_greedy_reply(
    make_config: MakeConfig, trained: Train
) -> None:
    seen = SeenRemax()
    config = make_config(max_steps=2, save_steps=0)
    trained(config, seen)
    lines = read_metrics(config.out / "metrics.jsonl")
    for (found, rewards, texts), totals, line in zip(seen.found, seen.totals, lines, strict=True):
        torch.testing.assert_close(found, rewards - torch.tensor(totals))
        assert line["method"]["remax/greedy_reward"] == pytest.approx(sum(totals) / len(totals))
        assert len(set(texts[:4])) == 1


# -- RLOO ------------------------------------------------------------------------------------------


def test_rloo_is_the_undivided_leave_one_out_baseline(
    make_config: MakeConfig, trained: Train
) -> None:
    @dataclass
    class Seen(Rloo):
        found: list[tuple[Tensor, Tensor]] = field(
            default_factory=list[tuple[Tensor, Tensor]], init=False
        )

        def advantages(self, advantages: Tensor, rewards: Tensor, rollouts: Rollouts) -> Tensor:
            self.found.append((super().advantages(advantages, rewards, rollouts), rewards))
            return self.found[-1][0]

    seen = Seen()
    trained(make_config(max_steps=1, save_steps=0, advantage="group"), seen)
    ((found, rewards),) = seen.found
    expected = advantages(rewards, 4, scale="none", baseline="leave-one-out")
    torch.testing.assert_close(found, expected)
    others = (rewards.view(-1, 4).sum(dim=1, keepdim=True) - rewards.view(-1, 4)) / 3
    torch.testing.assert_close(found, (rewards.view(-1, 4) - others).view(-1))
