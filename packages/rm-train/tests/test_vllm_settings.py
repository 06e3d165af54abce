from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from trl.generation.vllm_generation import VLLMGeneration
from trl.import_utils import is_vllm_available
from trl.trainer import grpo_trainer

from rm_train import ConfigError, TrainConfig
from rm_train.learner import device_of, grpo_settings
from rm_train.rollouts import generation
from rm_train.rollouts.settings import check_vllm

MakeConfig = Callable[..., TrainConfig]


@pytest.mark.parametrize(
    ("ours", "theirs", "value"),
    [
        ("vllm_mode", "vllm_mode", "server"),
        ("vllm_gpu_memory", "vllm_gpu_memory_utilization", 0.45),
        ("vllm_max_model_length", "vllm_max_model_length", 4096),
        ("vllm_server_base_url", "vllm_server_base_url", "http://10.0.0.7:8001"),
        ("vllm_server_host", "vllm_server_host", "10.0.0.7"),
        ("vllm_server_port", "vllm_server_port", 8001),
        ("vllm_server_timeout", "vllm_server_timeout", 12.5),
        ("vllm_group_port", "vllm_group_port", 51300),
    ],
)
def test_settings_of_the_rollouts_reach_the_trainer(
    make_config: MakeConfig, tmp_path: Path, ours: str, theirs: str, value: object
) -> None:
    config = make_config(**{ours: value})
    args = grpo_settings(config, tmp_path, steps=1, weights=[1.0], device="cpu", world=1)
    assert getattr(args, theirs) == value


def test_the_length_is_the_models_own_if_unset(make_config: MakeConfig, tmp_path: Path) -> None:
    args = grpo_settings(make_config(), tmp_path, steps=1, weights=[1.0], device="cpu", world=1)
    assert args.vllm_max_model_length is None


@pytest.mark.parametrize("name", generation.PINNED)
def test_trl_still_has_what_is_put_right(name: str) -> None:
    assert vars(grpo_trainer)["VLLMGeneration"] is VLLMGeneration
    assert callable(getattr(VLLMGeneration, name))
    assert name in vars(generation.PictureGeneration)


@pytest.mark.skipif(is_vllm_available(), reason="vLLM is installed")
def test_without_vllm_the_way_out_is_told(make_config: MakeConfig) -> None:
    with pytest.raises(ConfigError, match=r"use_vllm: .* not installed; .* --no-use-vllm"):
        device_of(make_config(use_vllm=True, device="cpu"))


@pytest.mark.skipif(not is_vllm_available(), reason="vLLM is not installed")
def test_a_server_needs_a_gpu_for_the_weights() -> None:
    check_vllm("colocate", "cpu")
    with pytest.raises(ConfigError, match=r"vllm_mode: found 'server', but torch sees no GPU"):
        check_vllm("server", "cpu")
