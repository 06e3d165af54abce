from __future__ import annotations

import re
from importlib.resources import files
from typing import Any, Final, cast

import pytest
import torch
import yaml
from tiny_families import FAMILIES

from rm_train import presets, resolve

HERE: Final = {"questions": "q.jsonl"}
FULL: Final = "rewardmap-qwen2.5-vl-7b"

PAPER: Final[dict[str, object]] = {
    # arXiv 2510.02240, section on RL settings
    "reward": "rewardmap",
    "alpha": 0.5,
    "schedule": "rewardmap",
    "lr": 1e-6,
    "beta": 1e-3,
    "prompts_per_step": 16,
    "num_generations": 8,
    "advantage": "none",
    "difficulty_weight": True,
    "lora.r": 0,
    # scripts/reward_map.yaml of the published repository
    "epochs": 1,
    "weight_decay": 0.01,
    "max_grad_norm": 1.0,
    "temperature": 1.0,
    "max_completion_length": 2048,
    "min_pixels": 3136,
    "gradient_checkpointing": True,
    # VeRL, the trainer that it used
    "lr_schedule": "constant",
    "warmup_steps": 0,
    "loss_type": "dapo",
}
RELEASED: Final[dict[str, object]] = {
    **PAPER,
    # scripts/reward_map.sh, which wins over the YAML file
    "num_generations": 4,
    "beta": 1e-2,
    "micro_batch": 1,
    # reason_map.py and core_algos.py
    "reward": "reference",
    "difficulty_weight": False,
    "advantage": "group",
    # scripts/reward_map.yaml
    "save_steps": 100,
}
SPARSE: Final = {
    **PAPER,
    "reward": "sparse",
    "alpha": None,
    "schedule": "random",
    "difficulty_weight": False,
}
LORA: Final = {
    **PAPER,
    # our own
    "lr": 1e-5,
    "weight_decay": 0.0,
    "max_completion_length": 1024,
    "lora.r": 64,
    "lora.alpha": 128,
}
SFT: Final = {
    # arXiv 2510.02240: LoRA on language blocks and projector, 1e-4
    "sft.lr": 1e-4,
    # scripts/sft.yaml
    "sft.lr_schedule": "cosine",
    "sft.warmup_ratio": 0.1,
    # one epoch of the 2,570 questions of ReasonMap-Plus
    "sft.steps": -(-2570 // 16),
    "sft.batch": 16,
}
SETTINGS: Final[dict[str, dict[str, object]]] = {
    FULL: {**PAPER, "model": "Qwen/Qwen2.5-VL-7B-Instruct"},
    "rewardmap-qwen2.5-vl-3b": {**PAPER, "model": "Qwen/Qwen2.5-VL-3B-Instruct"},
    f"{FULL}-lora": {**LORA, "model": "Qwen/Qwen2.5-VL-7B-Instruct"},
    "rewardmap-qwen2.5-vl-3b-lora": {**LORA, "model": "Qwen/Qwen2.5-VL-3B-Instruct"},
    f"{FULL}-as-released": {**RELEASED, "model": "Qwen/Qwen2.5-VL-7B-Instruct"},
    "rewardmap-qwen2.5-vl-3b-as-released": {**RELEASED, "model": "Qwen/Qwen2.5-VL-3B-Instruct"},
    "grpo-sparse-qwen2.5-vl-7b": {**SPARSE, "model": "Qwen/Qwen2.5-VL-7B-Instruct"},
    "sft-qwen2.5-vl-7b": {**SFT, "lora.r": 8, "lora.alpha": 16},
    "sft-then-rl-qwen2.5-vl-7b": {**SPARSE, **SFT, "sft.lora_r": 8, "sft.lora_alpha": 16},
}
MODELS: Final = {
    "qwen3-vl-4b": "Qwen/Qwen3-VL-4B-Instruct",
    "qwen3-vl-8b": "Qwen/Qwen3-VL-8B-Instruct",
    "internvl3-2b": "OpenGVLab/InternVL3-2B-hf",
    "internvl3-8b": "OpenGVLab/InternVL3-8B-hf",
    "llava-onevision-0.5b": "llava-hf/llava-onevision-qwen2-0.5b-ov-hf",
    "llava-onevision-7b": "llava-hf/llava-onevision-qwen2-7b-ov-hf",
    "smolvlm-500m": "HuggingFaceTB/SmolVLM2-500M-Video-Instruct",
    "smolvlm-2.2b": "HuggingFaceTB/SmolVLM2-2.2B-Instruct",
}


def setting(config: Any, name: str) -> object:  # noqa: ANN401 - sections are classes of their own
    section, dot, inner = name.partition(".")
    return getattr(getattr(config, section), inner) if dot else getattr(config, name)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_preset_holds_the_numbers_of_its_source(name: str) -> None:
    config = resolve(name, overrides=HERE)
    assert {key: setting(config, key) for key in SETTINGS[name]} == SETTINGS[name]


@pytest.mark.parametrize("family", MODELS)
def test_another_family_differs_from_the_papers_preset_in_model_pictures_and_layers_alone(
    family: str,
) -> None:
    for ending, free in (("", set[str]()), ("-lora", {"lora"})):
        found = resolve(f"rewardmap-{family}{ending}", overrides=HERE)
        paper = resolve(FULL + ending, overrides=HERE)
        differing = {
            f for f in found.__dataclass_fields__ if getattr(found, f) != getattr(paper, f)
        }
        assert found.model == MODELS[family]
        assert differing <= {"model", "min_pixels", "max_pixels"} | free
        assert (found.lora.r, found.lora.alpha) == (paper.lora.r, paper.lora.alpha)
        assert (found.max_pixels == 0) == ("qwen" not in family)


def test_every_preset_is_in_one_of_the_tables() -> None:
    families = {f"rewardmap-{family}{ending}" for family in MODELS for ending in ("", "-lora")}
    assert set(presets()) == {"embedded", *SETTINGS, *families}


@pytest.mark.parametrize("name", [name for name in presets() if name != "embedded"])
def test_every_number_of_a_preset_stands_beside_its_source(name: str) -> None:
    text = (files("rm_train") / "presets" / f"{name}.yaml").read_text(encoding="utf-8")
    body = [line for line in text.splitlines() if line and not line.startswith("#")]
    if "which has the sources" in text:
        return
    for before, line in zip(["", *body], body, strict=False):
        if re.match(r" *[a-z_]+: *[\d.e-]+", line) and line.strip() != "max_pixels: 0":
            assert "#" in line, (before, line)
    assert yaml.safe_load(text)


@pytest.mark.parametrize(
    ("former", "now"),
    [
        ("qwen2.5-vl-7b-rewardmap", FULL),
        ("qwen2.5-vl-3b-rewardmap", "rewardmap-qwen2.5-vl-3b"),
        ("qwen2.5-vl-7b-rewardmap-lora", f"{FULL}-lora"),
    ],
)
def test_a_former_name_is_understood(former: str, now: str) -> None:
    assert resolve(former, overrides=HERE) == resolve(now, overrides=HERE)


def test_a_preset_is_laid_over_the_one_it_names_and_a_file_over_both(tmp_path: Any) -> None:  # noqa: ANN401
    file = tmp_path / "mine.yaml"
    file.write_text(
        "preset: rewardmap-smolvlm-2.2b-lora\nquestions: q.jsonl\nlora: {r: 4}\n"
        "sft: {questions: plus.jsonl}\n",
        encoding="utf-8",
    )
    config = resolve(file=file)
    assert (config.lora.r, config.lora.alpha, config.beta) == (4, 128, 1e-3)
    assert "text_model" in config.lora.target
    assert config.sft.questions == tmp_path / "plus.jsonl"


def layers_of(kind: str) -> dict[str, torch.nn.Module]:
    return dict(cast("Any", FAMILIES[kind].make()[0]).named_modules())


@pytest.mark.parametrize("kind", FAMILIES)
def test_a_presets_adapters_go_to_the_language_model_of_its_family(kind: str) -> None:
    family = FAMILIES[kind]
    layers = layers_of(kind)
    target = re.compile(resolve(family.preset, overrides=HERE).lora.target)
    chosen = [name for name in layers if target.fullmatch(name)]
    assert len(chosen) == 7  # of the one block that the tiny model has
    assert all(re.search(r"language_model|text_model", name) for name in chosen)
    assert any(family.projector in name for name in layers)


def test_supervised_learning_reaches_the_projector_as_the_paper_says() -> None:
    for name in ("sft-qwen2.5-vl-7b", "sft-then-rl-qwen2.5-vl-7b"):
        target = re.compile(resolve(name, overrides=HERE).sft_lora.target)
        layers = layers_of("qwen2_5_vl")
        chosen = {layer for layer in layers if target.fullmatch(layer)}
        assert all(isinstance(layers[layer], torch.nn.Linear) for layer in chosen)
        assert {layer for layer in chosen if "visual" in layer} == {
            "model.visual.merger.mlp.0",
            "model.visual.merger.mlp.2",
        }
        assert len(chosen) == 7 + 2
