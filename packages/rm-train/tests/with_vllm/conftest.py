"""Beside a real vLLM. The folder is not called `vllm`: it would hide that there is none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

from rm_train import resolve
from rm_train.training import train_on_gold

HEADS = {"hidden_size": 64, "num_attention_heads": 2, "num_key_value_heads": 1}
ROPE = {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [4, 6, 6]}


@pytest.fixture(scope="session")
def wide_model(
    tiny_model: Path, short_questions: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The tiny model with heads of 32 numbers, the fewest that vLLM knows on a CPU, schooled."""
    place = tmp_path_factory.mktemp("wide")
    shutil.copytree(tiny_model, place, dirs_exist_ok=True)
    config: dict[str, Any] = json.loads((place / "config.json").read_text(encoding="utf-8"))
    config["text_config"] |= {**HEADS, "rope_parameters": ROPE}
    config["vision_config"]["out_hidden_size"] = 64
    torch.manual_seed(0)
    made = Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig.from_dict(config))
    made.save_pretrained(place)
    settings: dict[str, object] = {
        "model": str(place),
        "questions": str(short_questions),
        "out": str(tmp_path_factory.mktemp("wide-school") / "run"),
        "sft.steps": 60,
        "sft.batch": 8,
        "sft.lr": 1e-2,
    }
    return train_on_gold(resolve("embedded", overrides=settings))


@pytest.fixture
def sampled(wide_model: Path, short_questions: Path, tmp_path: Path) -> dict[str, object]:
    """Settings of a run of three steps whose replies vLLM samples on a CPU."""
    return {
        "model": str(wide_model),
        "questions": str(short_questions),
        "out": str(tmp_path / "run"),
        "device": "cpu",
        "use_vllm": True,
        "vllm_max_model_length": 1024,
        "max_pixels": 4 * 3136,  # the folder's own bound is 3136
        "prompts_per_step": 2,
        "num_generations": 4,
        "max_completion_length": 12,
        "max_steps": 3,
        "save_steps": 0,
        "lr": 1e-2,
    }
