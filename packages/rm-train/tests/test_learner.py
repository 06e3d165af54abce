from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from rm_train import ConfigError, TrainConfig
from rm_train.learner import device_of, grpo_settings, load_learner, lora_of, sft_settings

MakeConfig = Callable[..., TrainConfig]


def test_trained_weights_are_float32_also_when_the_arithmetic_is_bfloat16(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    config = make_config(dtype="bfloat16")
    assert load_learner(config, config.model).model.dtype == torch.float32
    args = grpo_settings(config, tmp_path, steps=1, weights=[1.0], device="cpu", world=1)
    assert args.bf16
    assert args.use_cpu


def test_frozen_weights_under_adapters_take_the_smaller_type(make_config: MakeConfig) -> None:
    config = make_config(dtype="bfloat16", **{"lora.r": 4})
    assert load_learner(config, config.model).model.dtype == torch.bfloat16
    adapters = lora_of(config)
    assert adapters is not None
    assert (adapters.r, adapters.lora_alpha) == (4, 32)
    assert lora_of(make_config()) is None


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("q_porj", "which is no layer of the model; one is 'model.language_model"),
        ("(", "no regular"),
    ],
)
def test_adapters_for_no_layer_are_refused(
    make_config: MakeConfig, target: str, message: str
) -> None:
    config = make_config(**{"lora.r": 4, "lora.target": target})
    with pytest.raises(ConfigError, match=message):
        load_learner(config, config.model)


def test_a_step_is_one_generation_cut_into_passes(make_config: MakeConfig, tmp_path: Path) -> None:
    config = make_config(prompts_per_step=4, num_generations=4, micro_batch=2)
    args = grpo_settings(config, tmp_path, steps=7, weights=[1.0], device="cpu", world=2)
    assert args.per_device_train_batch_size == 2
    assert args.gradient_accumulation_steps == args.steps_per_generation == 4
    assert args.max_steps == 7
    assert not args.shuffle_dataset


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"lr_schedule": "cosine"}, ("lr_scheduler_type", "cosine")),
        ({"lr_schedule": "constant", "warmup_steps": 3}, ("warmup_steps", 3)),
        ({"save_steps": 0}, ("save_strategy", "no")),
        ({"temperature": 0.7}, ("temperature", 0.7)),
        ({"loss_type": "dr_grpo"}, ("loss_type", "dr_grpo")),
        ({"beta": 0.02}, ("beta", 0.02)),
    ],
)
def test_settings_reach_the_trainer(
    make_config: MakeConfig, tmp_path: Path, ours: dict[str, object], theirs: tuple[str, object]
) -> None:
    args = grpo_settings(
        make_config(**ours), tmp_path, steps=1, weights=[1.0], device="cpu", world=1
    )
    assert getattr(args, theirs[0]) == theirs[1]


def test_a_warm_up_step_must_be_whole_passes(make_config: MakeConfig, tmp_path: Path) -> None:
    config = make_config(micro_batch=4, **{"sft.batch": 6, "sft.steps": 1})
    with pytest.raises(ConfigError, match=r"sft.batch: found 6, expected a multiple of"):
        sft_settings(config, tmp_path, "cpu")


def test_auto_takes_a_gpu_if_there_is_one(make_config: MakeConfig) -> None:
    expected = "cuda" if torch.cuda.is_available() else "cpu"
    assert device_of(make_config(device="auto")) == expected
    assert device_of(make_config(device="cpu")) == "cpu"
