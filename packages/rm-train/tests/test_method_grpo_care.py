from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors import torch as tensor_files
from torch import Tensor, nn

import rm_train
from rm_train import ConfigError, TrainConfig, preparation
from rm_train.advantages import advantages
from rm_train.curves import read_metrics
from rm_train.methods.groups import plain
from rm_train.methods.grpo_care import FILE, GrpoCare, answers_of, consistency_bonus
from rm_train.methods.rollouts import Rollouts
from rm_train.methods.slow_copy import SlowCopy, policy_of

if TYPE_CHECKING:
    from rm_train.trainer import MapTrainer

MakeConfig = Callable[..., TrainConfig]

RIGHT = torch.tensor([1.0, 1, 1, 1, 0, 0, 0, 0])
FORMAT = torch.tensor([1.0, 1, 1, 1, 1, 1, 1, 0])
LIKELY = torch.tensor([0.99, 0.86, 0.85, 0.75, 0.99, 0.5, 0.4, 1.0])


@pytest.mark.parametrize(
    ("margin", "given_to", "expected"),
    [
        (0.0, {0, 1}, [1.1280, 1.1280, 0.5640, 0.5640, -0.5640, -0.5640, -0.5640, -1.6920]),
        (0.01, {0, 1, 2}, [0.9945, 0.9945, 0.9945, 0.4641, -0.5967, -0.5967, -0.5967, -1.6576]),
    ],
)
def test_the_published_group_gets_its_bonus_and_advantages(
    margin: float, given_to: set[int], expected: list[float]
) -> None:
    found = consistency_bonus(RIGHT, LIKELY, 8, margin=margin)
    assert {i for i, value in enumerate(plain(found)) if value} == given_to
    assert set(plain(found)) == {0.0, 0.5}
    made = advantages(RIGHT + FORMAT + found, 8, scale="group")
    assert made.tolist() == pytest.approx(expected, abs=1e-4)


GROUP = st.lists(
    st.tuples(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1, width=32) | st.just(nan)),
    min_size=4,
    max_size=4,
)


@given(GROUP, GROUP)
def test_two_groups_in_one_batch_get_what_each_gets_alone(
    first: list[tuple[float, float]], second: list[tuple[float, float]]
) -> None:
    def bonus(rows: list[tuple[float, float]]) -> list[float]:
        right, likely = torch.tensor(rows).unbind(dim=1)
        return plain(consistency_bonus(right, likely, 4, margin=0.01))

    assert bonus(first + second) == bonus(first) + bonus(second)


def test_a_reply_without_an_answer_gets_no_bonus_and_lowers_no_mean() -> None:
    right = torch.ones(3)
    found = consistency_bonus(right, torch.tensor([0.2, 0.4, nan]), 3)
    assert found.tolist() == [0.0, 0.5, 0.0]
    assert consistency_bonus(right, torch.full((3,), nan), 3).tolist() == [0.0] * 3


def test_replies_that_are_equal_but_for_noise_all_get_the_bonus() -> None:
    likely = torch.tensor([0.5, 0.5000001, 0.4999999, 0.5000002])
    assert consistency_bonus(torch.ones(4), likely, 4).tolist() == [0.5] * 4


def test_a_group_that_is_all_wrong_gets_nothing() -> None:
    assert consistency_bonus(torch.zeros(4), torch.ones(4), 4).tolist() == [0.0] * 4


def test_the_slow_copy_moves_where_one_in_bfloat16_stands_still() -> None:
    layer = nn.Linear(1, 1, bias=False).to(torch.bfloat16)
    with torch.no_grad():
        layer.weight.fill_(0.02)
    copy = SlowCopy(layer)
    (phi,) = copy.weights.values()
    start = float(phi)
    with torch.no_grad():
        layer.weight.fill_(0.0203)
    theta = float(layer.weight.detach())
    assert theta != start
    stuck = torch.tensor(start, dtype=torch.bfloat16)
    for _ in range(1000):
        copy.follow(layer, 0.995)
        stuck = 0.995 * stuck + 0.005 * layer.weight.detach().squeeze()
    assert float(stuck) == start
    assert float(phi) == pytest.approx(theta + 0.995**1000 * (start - theta), rel=1e-5)


# -- in real runs ----------------------------------------------------------------------------------


@dataclass
class Seen(GrpoCare):
    """Keeps what the method saw, and the policy's own view of the same."""

    policy: list[Tensor] = field(default_factory=list[Tensor], init=False)
    slow: list[Tensor] = field(default_factory=list[Tensor], init=False)
    paid: list[Tensor] = field(default_factory=list[Tensor], init=False)
    answers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]], init=False)
    thetas: list[dict[str, Tensor]] = field(default_factory=list[dict[str, Tensor]], init=False)
    phis: list[dict[str, Tensor]] = field(default_factory=list[dict[str, Tensor]], init=False)

    def begin(self, trainer: MapTrainer) -> None:
        super().begin(trainer)
        self._remember(trainer)

    def rewards(self, rewards: Tensor, rollouts: Rollouts) -> Tensor:
        model = policy_of(rollouts.trainer)
        model.eval()
        self.policy.append(rollouts.logps(model))
        model.train()
        before = {name: weight.clone() for name, weight in model.named_parameters()}
        self.slow.append(self._slow.logps(rollouts))
        assert model.training
        assert all(torch.equal(w, before[n]) for n, w in model.named_parameters())
        batch_decode = cast("Any", rollouts.trainer.processing_class).batch_decode
        for scored, tokens, ids in zip(
            rollouts.scored, answers_of(rollouts), rollouts.own["completion_ids"], strict=True
        ):
            if tokens:
                text = batch_decode([ids[tokens.start : tokens.stop]], skip_special_tokens=True)[0]
                self.answers.append((scored.text, text))
        earned = super().rewards(rewards, rollouts)
        self.paid.append((earned - rewards) / rollouts.accuracy.clamp(min=0.5))
        return earned

    def after_step(self, trainer: MapTrainer, step: int) -> None:
        super().after_step(trainer, step)
        self._remember(trainer)

    def _remember(self, trainer: MapTrainer) -> None:
        policy = policy_of(trainer).named_parameters()
        self.thetas.append({n: w.detach().clone() for n, w in policy if w.requires_grad})
        self.phis.append({n: w.clone() for n, w in self._slow.weights.items()})


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> Callable[[TrainConfig, GrpoCare], None]:
    def train(config: TrainConfig, method: GrpoCare) -> None:
        def methods_of(_text: str) -> tuple[GrpoCare, ...]:
            return (method,)

        monkeypatch.setattr(preparation, "methods_of", methods_of)
        rm_train.run(config)

    return train


@pytest.mark.parametrize("rank", [0, 4], ids=["full", "LoRA"])
def test_the_copy_starts_as_the_policy_and_follows_its_weights(
    make_config: MakeConfig, trained: Callable[[TrainConfig, GrpoCare], None], rank: int
) -> None:
    seen = Seen(every=2, decay=0.75)
    more: dict[str, object] = {"lora.r": rank, "lora.dropout": 0.2} if rank else {}
    trained(make_config(save_steps=0, lr=1e-2, **more), seen)
    torch.testing.assert_close(seen.slow[0], seen.policy[0])
    assert not torch.allclose(seen.slow[1], seen.policy[1])  # the policy moved, the copy not yet
    names = set(seen.phis[0])
    assert names == set(seen.thetas[0])
    assert all(("lora" in name) == bool(rank) for name in names)
    expected = seen.thetas[0]
    for step in range(1, 5):
        if step % 2 == 0:
            theta = seen.thetas[step]
            expected = {n: 0.75 * w + 0.25 * theta[n] for n, w in expected.items()}
        for name in names:
            torch.testing.assert_close(seen.phis[step][name], expected[name])
    assert all(weight.dtype == torch.float32 for weight in seen.phis[-1].values())
    paid: list[float] = cast("Any", torch.cat(seen.paid).round(decimals=4)).tolist()
    assert set(paid) == {0.0, 0.5}
    assert seen.answers
    assert all(rf"\boxed{{{answer}" in text for text, answer in seen.answers)


def test_a_resumed_run_equals_one_that_never_stopped_to_the_bit(make_config: MakeConfig) -> None:
    config = make_config(method="grpo-care:every=1,decay=0.5+observe-r1", lr=1e-2, advantage="none")
    rm_train.run(config)
    checkpoints, metrics = config.out / "checkpoints", config.out / "metrics.jsonl"
    whole, copy = learned(metrics), tensor_files.load_file(checkpoints / "checkpoint-4" / FILE)
    assert any(line["method"]["grpo-care/bonus"] for line in whole)
    early = tensor_files.load_file(checkpoints / "checkpoint-2" / FILE)
    assert not all(torch.equal(weight, early[name]) for name, weight in copy.items())
    for done in (config.out / "model", checkpoints / "checkpoint-4"):
        shutil.rmtree(done)
    rm_train.run(replace(config, resume="auto"))
    assert learned(metrics) == whole
    again = tensor_files.load_file(checkpoints / "checkpoint-4" / FILE)
    assert all(torch.equal(weight, again[name]) for name, weight in copy.items())
    (checkpoints / "checkpoint-2" / FILE).unlink()
    for done in (config.out / "model", checkpoints / "checkpoint-4"):
        shutil.rmtree(done)
    with pytest.raises(ConfigError, match=f"found no {FILE} in .*checkpoint-2"):
        rm_train.run(replace(config, resume="auto"))


def learned(metrics: Path) -> list[dict[str, Any]]:
    lines = read_metrics(metrics)
    assert json.dumps(lines)
    return [{name: line[name] for name in line if name != "step_time"} for line in lines]


def test_sharded_weights_are_refused_in_one_line(
    make_config: MakeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    with pytest.raises(ConfigError, match=r"grpo-care under FSDP.*launch with plain"):
        GrpoCare().check(make_config())
