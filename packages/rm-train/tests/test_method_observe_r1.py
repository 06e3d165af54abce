from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

import rm_train
from rm_train import TrainConfig
from rm_train.advantages import advantages
from rm_train.curves import read_metrics
from rm_train.methods.observe_r1 import half_hard, short_bonus

MakeConfig = Callable[..., TrainConfig]


def test_half_hard_groups_weigh_most_and_decided_ones_nothing() -> None:
    correct = torch.zeros(5, 8)
    for right in range(5):
        correct[right, :right] = 1
    found = half_hard(correct.view(-1), 8)
    expected = [0, 0.7875, 1.35, 1.6875, 1.8]
    assert found[::8].tolist() == pytest.approx(expected, abs=1e-6)
    assert half_hard(torch.ones(8), 8).tolist() == [0.0] * 8


def test_the_published_group_has_its_advantages() -> None:
    rewards = torch.tensor([1.5, 1.5, 1.0, 0.5, 0.5, 0.0, 0.5, 0.5])
    correct = torch.tensor([1.0, 1, 1, 0, 0, 0, 0, 0])
    found = advantages(rewards, 8, scale="group") * half_hard(correct, 8)
    expected = [2.3678, 2.3678, 0.7893, -0.7893, -0.7893, -2.3678, -0.7893, -0.7893]
    assert found.tolist() == pytest.approx(expected, abs=1e-3)


def test_the_shortest_long_enough_right_reply_of_each_group_gets_the_bonus() -> None:
    correct = torch.tensor([1.0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0])
    lengths = torch.tensor([300, 180, 90, 120, 150, 110, 200, 300, 500, 500, 500, 500])
    found = short_bonus(correct, lengths, 4)
    assert found.nonzero().flatten().tolist() == [1, 4]
    assert found.sum() == pytest.approx(0.4)


def test_a_run_weighs_its_groups_and_pays_the_bonus(
    make_config: MakeConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = make_config(max_steps=2, save_steps=0, num_generations=8, advantage="none")
    rm_train.run(plain)
    config = replace(plain, method="observe-r1:bonus=3,least=2", out=plain.out.parent / "observe")
    rm_train.run(config)
    first, other = (read_metrics(c.out / "metrics.jsonl")[0] for c in (config, plain))
    assert first["reward"] == other["reward"]  # the log holds the run's own
    assert 0 < first["method"]["observe-r1/weight"] <= 1.8
    assert first["grad_norm"] != pytest.approx(other["grad_norm"], rel=1e-3)
    assert "advantages times 7.2 d (1 - d)" in capsys.readouterr().err
