"""DAPO, GSPO and Dr. GRPO: that TRL gets their options, and what these change in the update."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
import torch
from torch import Tensor

import rm_train
from rm_train import ConfigError, TrainConfig, preparation
from rm_train.methods import methods_of
from rm_train.methods.dapo import Dapo, overlong_punishment
from rm_train.methods.method import Method
from rm_train.methods.slow_copy import policy_of

if TYPE_CHECKING:
    from rm_train.trainer import MapTrainer

MakeConfig = Callable[..., TrainConfig]


@dataclass
class Watch(Method):
    """TRL's settings, and the policy's weights after each update."""

    settings_of_trl: dict[str, Any] = field(default_factory=dict[str, Any])
    weights: list[Tensor] = field(default_factory=list[Tensor])

    def begin(self, trainer: MapTrainer) -> None:
        self.settings_of_trl = vars(trainer.args)

    def after_step(self, trainer: MapTrainer, step: int) -> None:
        assert step == len(self.weights) + 1
        values = [w.detach().flatten() for w in policy_of(trainer).parameters()]
        self.weights.append(torch.cat(values))


@pytest.fixture
def watched(
    make_config: MakeConfig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Watch]:
    count = iter(range(100))

    def run(method: str, **overrides: object) -> Watch:
        watch = Watch()

        def with_watch(text: str) -> tuple[Method, ...]:
            return (*methods_of(text), watch)

        monkeypatch.setattr(preparation, "methods_of", with_watch)
        out = str(tmp_path / f"run{next(count)}")
        one: dict[str, object] = {
            "max_steps": 1,
            "save_steps": 0,
            "lr": 1e-2,
            "lr_schedule": "constant",
        }
        rm_train.run(make_config(method=method, out=out, **{**one, **overrides}))
        return watch

    return run


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (
            "dapo",
            {
                "loss_type": "dapo",
                "epsilon": 0.2,
                "epsilon_high": 0.28,
                "mask_truncated_completions": True,
                "importance_sampling_level": "token",
            },
        ),
        ("dapo:mask=false,high=0.3", {"epsilon_high": 0.3, "mask_truncated_completions": False}),
        (
            "gspo",
            {
                "loss_type": "grpo",
                "importance_sampling_level": "sequence",
                "epsilon": 3e-4,
                "epsilon_high": 4e-4,
            },
        ),
        ("dr-grpo", {"loss_type": "dr_grpo", "scale_rewards": "none"}),
    ],
)
def test_a_method_sets_trls_own_options(
    make_config: MakeConfig, method: str, expected: dict[str, object]
) -> None:
    config = make_config(loss_type="bnpo", epsilon=0.1)
    (made,) = methods_of(method)
    given = made.settings(config)
    assert {name: given.get(name, "token") for name in expected} == expected


def test_trl_gets_the_options_and_one_update_a_step_clips_nothing(
    watched: Callable[..., Watch],
) -> None:
    gspo = watched("gspo")
    assert gspo.settings_of_trl["importance_sampling_level"] == "sequence"
    assert gspo.settings_of_trl["epsilon"] == 3e-4
    plain = watched("grpo", loss_type="grpo")
    assert plain.settings_of_trl["importance_sampling_level"] == "token"
    torch.testing.assert_close(gspo.weights[0], plain.weights[0], atol=2e-5, rtol=0)


def test_the_second_update_from_the_same_replies_is_where_clipping_acts(
    watched: Callable[..., Watch],
) -> None:
    more: dict[str, object] = {"num_iterations": 2, "advantage": "group", "lr": 1e-3}
    plain = watched("grpo", loss_type="grpo", **more)
    gspo = watched("gspo", **more)
    assert len(plain.weights) == len(gspo.weights) == 2
    torch.testing.assert_close(gspo.weights[0], plain.weights[0], atol=2e-5, rtol=0)
    assert (gspo.weights[1] - plain.weights[1]).abs().max() > 1e-4
    low = watched("dapo:mask=false,high=0", loss_type="grpo", **more)
    high = watched("dapo:mask=false", loss_type="grpo", **more)
    assert torch.equal(low.weights[0], high.weights[0])
    assert (low.weights[1] - high.weights[1]).abs().max() > 1e-4


def test_replies_that_were_cut_off_are_not_learned_from(watched: Callable[..., Watch]) -> None:
    masked = watched("dapo", doctor=False, max_completion_length=11)
    assert masked.settings_of_trl["mask_truncated_completions"] is True
    start = watched("dapo:mask=false", doctor=False, max_completion_length=11)
    assert not torch.equal(masked.weights[0], start.weights[0])


def test_dr_grpo_is_undivided_whatever_the_run_divides_by(watched: Callable[..., Watch]) -> None:
    group = watched("dr-grpo", advantage="group", max_grad_norm=0)
    none = watched("grpo", advantage="none", loss_type="dr_grpo", max_grad_norm=0)
    torch.testing.assert_close(group.weights[0], none.weights[0])
    assert group.settings_of_trl["loss_type"] == "dr_grpo"


def test_the_last_tokens_of_a_long_reply_cost_up_to_one() -> None:
    lengths = torch.tensor([4, 8, 9, 10, 0])  # 0: cut off and masked, which is as long as can be
    found = overlong_punishment(lengths, 10, 2)
    assert found.tolist() == [0.0, 0.0, -0.5, -1.0, -1.0]


def test_the_punishment_reaches_the_rewards_of_a_run(watched: Callable[..., Watch]) -> None:
    without = watched("dapo", advantage="none")
    punished = watched("dapo:overlong=11", advantage="none")
    assert not torch.equal(without.weights[0], punished.weights[0])


def test_a_punishment_from_the_first_token_on_is_refused(make_config: MakeConfig) -> None:
    with pytest.raises(ConfigError, match=r"overlong=12, expected less than max_completion_length"):
        Dapo(overlong=12).check(make_config())


@pytest.mark.parametrize("name", ["dapo", "gspo"])
def test_a_method_says_whether_its_clipping_acts(make_config: MakeConfig, name: str) -> None:
    (method,) = methods_of(name)
    assert "acts on the later updates" in method.acts()
    method.check(make_config())
    assert "does not act: one update from a step's replies" in method.acts()
    method.check(make_config(minibatches=2, num_iterations=2))
    assert "acts from the second of a step's 4 updates on" in method.acts()
    assert cast("Any", method).low < cast("Any", method).high
