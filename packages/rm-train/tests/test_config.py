from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rm_train import ConfigError, TrainConfig, presets, resolve
from rm_train.config_file import from_yaml, to_yaml

HERE = {"questions": "q.jsonl"}


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("num_generations", 1, "num_generations: found 1, expected 2 or more (a group of one"),
        ("micro_batch", 3, "micro_batch: found 3, expected a divisor of the 128 replies"),
        ("prompts_per_step", 0, "prompts_per_step: found 0, expected 1 or more"),
        ("lr", -1, "lr: found -1.0, expected a number above 0"),
        ("lr", "fast", "lr: found 'fast', expected number"),
        ("top_p", 0, "top_p: found 0.0, expected a share"),
        ("advantage", "std", "advantage: found 'std', expected 'none', 'group' or 'batch'"),
        ("reward", "rewardmpa", "reward: found 'rewardmpa', expected one of rewardmap"),
        ("schedule", "hard-first", "schedule: found 'hard-first', expected one of"),
        ("sft.batch", 0, "sft.batch: found 0, expected 1 or more"),
        ("lora.r", -2, "lora.r: found -2, expected 0 or more"),
        ("alpha", -0.5, "alpha: found -0.5"),
        ("model", "/some/folder", "questions: found None, expected a questions.jsonl"),
        ("vllm_tolerance", 0, "vllm_tolerance: found 0.0, expected a number above 0"),
        ("vllm_server_port", 70000, "vllm_server_port: found 70000, expected a port from 1 to"),
        ("vllm_server_base_url", "10.0.0.7:8000", "found '10.0.0.7:8000', expected an address"),
        ("epochs", None, "epochs: found None"),
    ],
)
def test_a_setting_that_cannot_work_is_named_before_anything_is_loaded(
    setting: str, value: object, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve("embedded", overrides={setting: value})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_reward_that_holds_the_weight_is_not_weighted_again() -> None:
    with pytest.raises(ConfigError, match="difficulty_weight: found True, expected False"):
        resolve("embedded", overrides={"reward": "reference"})
    assert resolve("embedded", overrides={"reward": "reference", "difficulty_weight": False})


def test_alpha_changes_the_specification_and_its_version() -> None:
    plain = resolve("embedded").reward_spec()
    changed = resolve("embedded", overrides={"alpha": 0.7}).reward_spec()
    assert (plain.alpha, changed.alpha) == (0.5, 0.7)
    assert plain.version != changed.version


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("num_generation", "num_generations"),
        ("learning_rate", "lr"),
        ("scale_rewards", "advantage"),
        ("betta", "beta"),
        ("sft: {step: 3}\nlr", "steps"),
    ],
)
def test_an_unknown_key_is_told_with_the_file_and_the_nearest_known_one(
    tmp_path: Path, key: str, nearest: str
) -> None:
    file = tmp_path / "my.yaml"
    file.write_text(f"{key}: 3\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        resolve(file=file)
    assert str(file) in str(caught.value)
    assert f"the nearest is '{nearest}'" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lr: [", "not YAML"),
        ("- a\n- b\n", "found list, expected keys and values"),
        ("lora: 3\n", "lora: found 3, expected keys and values"),
        ("preset: gpt\n", "preset 'gpt': expected one of embedded"),
    ],
)
def test_a_broken_file_is_told_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "my.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        resolve(file=file)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_options_beat_the_file_and_the_file_beats_its_preset(tmp_path: Path) -> None:
    file = tmp_path / "my.yaml"
    file.write_text(
        "preset: qwen2.5-vl-7b-rewardmap-lora\nquestions: q.jsonl\nlr: 3e-6\nbeta: 0.5\n"
        "lora: {alpha: 7}\n",
        encoding="utf-8",
    )
    config = resolve(file=file, overrides={"beta": 0.25, "lora.r": 8})
    assert config.model == "Qwen/Qwen2.5-VL-7B-Instruct"
    assert (config.lr, config.beta) == (3e-6, 0.25)
    assert (config.lora.r, config.lora.alpha) == (8, 7)
    assert config.questions == tmp_path / "q.jsonl"


@pytest.mark.parametrize("name", presets())
def test_every_preset_is_whole_and_survives_being_written_down(name: str) -> None:
    config = resolve(name, overrides=HERE)
    assert from_yaml(to_yaml(config), where="there") == config


@pytest.mark.parametrize("size", ["3b", "7b"])
def test_the_papers_presets_hold_the_papers_numbers(size: str) -> None:
    config = resolve(f"qwen2.5-vl-{size}-rewardmap", overrides=HERE)
    assert (config.lr, config.beta, config.reward_spec().alpha) == (1e-6, 1e-3, 0.5)
    assert (config.prompts_per_step, config.num_generations) == (16, 8)
    assert (config.advantage, config.difficulty_weight) == ("none", True)
    assert (config.schedule, config.lora.r) == ("rewardmap", 0)


def test_a_step_is_cut_into_equal_passes_on_equal_devices() -> None:
    config = TrainConfig(prompts_per_step=16, num_generations=8, micro_batch=4)
    assert config.accumulation() == 32
    assert config.accumulation(world_size=8) == 4
    with pytest.raises(ConfigError, match="expected a multiple of the 3 devices"):
        config.accumulation(world_size=3)


def test_neither_the_package_nor_its_help_loads_torch() -> None:
    code = (
        "import sys, rm_train, rm_train.cli\n"
        "from typer.testing import CliRunner\n"
        "for words in (['--help'], ['run', '--help'], ['--version']):\n"
        "    assert CliRunner().invoke(rm_train.cli.app, words).exit_code == 0\n"
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
