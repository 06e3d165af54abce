from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from transformers import TrainerCallback
from transformers.integrations import integration_utils
from trl import SFTTrainer  # pyright: ignore[reportPrivateImportUsage]
from typer.testing import CliRunner

import rm_train
from rm_eval import load_policy
from rm_rewards import PLANNING, Question, jsonl
from rm_train import ConfigError, TrainConfig, resolve
from rm_train.checkpoints import MARKER
from rm_train.cli import app
from rm_train.config_file import to_yaml
from rm_train.curves import read_metrics
from rm_train.gold_trainer import PINNED
from rm_train.run_directory import RunDirectory, RunError
from rm_train.training import train_on_gold

LORA: dict[str, object] = {"sft.lora_r": 2, "sft.lora_target": r".*language_model.*\.q_proj"}

Make = Callable[..., TrainConfig]


@pytest.fixture
def make(tiny_model: Path, short_questions: Path, tmp_path: Path) -> Make:
    def made(**more: object) -> TrainConfig:
        settings: dict[str, object] = {
            "model": str(tiny_model),
            "questions": str(short_questions),
            "out": str(tmp_path / "run"),
            "sft.steps": 4,
            "sft.batch": 2,
            "sft.lr": 1e-2,
            "save_steps": 2,
            "prompts_per_step": 1,
            "num_generations": 2,
            "max_completion_length": 12,
            "max_steps": 1,
        }
        return resolve("embedded", overrides={**settings, **more})

    return made


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return cast("Any", load_policy(folder)).model.state_dict()


def test_the_methods_that_are_overridden_exist() -> None:
    assert [name for name in PINNED if not hasattr(SFTTrainer, name)] == []


@pytest.mark.parametrize("lora", [{}, LORA], ids=["full", "adapters"])
def test_an_interrupted_warm_up_goes_on_to_the_same_model(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lora: dict[str, object]
) -> None:
    whole = train_on_gold(make(out=str(tmp_path / "whole"), **lora))
    interrupted = make(**lora)
    directory = RunDirectory(interrupted.out)
    with monkeypatch.context() as patch:
        patch.setattr("rm_train.warmup.save_whole", _killed)
        with pytest.raises(KeyboardInterrupt):
            train_on_gold(interrupted)
    newest = directory.warmup_checkpoints / "checkpoint-4"
    (newest / MARKER).unlink()  # as if the kill had come while it was being saved
    folder = train_on_gold(make(resume="auto", **lora))
    assert [line["step"] for line in read_metrics(directory.warmup_metrics)] == [1, 2, 3, 4]
    assert directory.warmup_metrics.read_bytes() == (tmp_path / "whole/warmup.jsonl").read_bytes()
    found, expected = weights(folder), weights(whole)
    assert all(torch.equal(value, found[name]) for name, value in expected.items())
    assert not directory.warmup_checkpoints.exists()


def _killed(*_args: object, **_kwargs: object) -> None:
    raise KeyboardInterrupt


def test_its_own_questions_and_adapters_come_before_training_all_parameters(
    make: Make, questions: Path, tmp_path: Path
) -> None:
    planning = [q for q in jsonl.read(Question, questions) if q.type == PLANNING]
    file = questions.parent / "planning.jsonl"
    jsonl.write(planning, file)
    config = make(**LORA, **{"sft.questions": str(file)})
    result = rm_train.run(config)
    directory = RunDirectory(result.out)
    before, warm = weights(Path(config.model)), weights(directory.warmup)
    moved = {name for name, value in warm.items() if not torch.equal(value, before[name])}
    assert moved
    assert all(name.endswith("q_proj.weight") for name in moved)
    assert not (directory.model / "adapter_config.json").exists()
    versions = json.loads(directory.versions.read_text(encoding="utf-8"))
    prints = versions["fingerprints"]
    assert prints["sft questions"] != prints["questions"]
    other = tmp_path / "other.jsonl"
    with pytest.raises(RunError, match=r"this run has sft\.questions"):
        rm_train.run(make(resume="auto", **LORA, **{"sft.questions": str(other)}))


def test_the_command_measures_before_and_after_and_can_leave_the_adapter_alone(
    make: Make, short_questions: Path, tmp_path: Path
) -> None:
    config = make(**LORA, eval_questions=str(short_questions), **{"sft.merge": False})
    file = tmp_path / "mine.yaml"
    file.write_text(to_yaml(config), encoding="utf-8")
    found = CliRunner().invoke(app, ["sft", "--config", str(file), "--out", str(config.out)])
    assert found.exit_code == 0, found.output
    assert found.stdout == f"{config.out / 'model'}: 4 steps on gold answers\n"
    assert "held-out accuracy before the training: TorF1" in found.stderr
    assert "held-out accuracy after the training: TorF1" in found.stderr
    assert (config.out / "model" / "adapter_config.json").is_file()
    assert (config.out / "eval" / "after" / "rewards.jsonl").is_file()
    merged = CliRunner().invoke(app, ["merge", str(config.out), "--out", str(tmp_path / "m")])
    assert merged.exit_code == 0, merged.output
    page = CliRunner().invoke(app, ["report", str(config.out), "--html", "-"])
    assert 'aria-label="loss by step"' in page.stdout
    refused = CliRunner().invoke(
        app, ["run", "--config", str(file), "--model", str(config.out / "model"), "--out", "x"]
    )
    assert f"merge it first: rm-train merge {config.out / 'model'} --out DIR" in refused.stderr


class Tracker(TrainerCallback):
    """What a tracker of transformers is, with a list in the place of a service."""

    seen: list[tuple[str, Mapping[str, Any]]] = []  # noqa: RUF012 - transformers makes the object

    def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:  # noqa: ANN401
        del state, control
        self.seen.append((args.run_name, kwargs["logs"]))


def test_trackers_get_the_numbers_under_the_name_of_the_run(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    Tracker.seen.clear()
    monkeypatch.setitem(integration_utils.INTEGRATION_TO_CALLBACK, "mine", Tracker)
    result = rm_train.run(make(report_to="mine", run_name="tried", **{"sft.steps": 1}))
    assert {name for name, _ in Tracker.seen} == {"tried"}
    told = [logs for _, logs in Tracker.seen if "rewards/format/mean" in logs]
    line = read_metrics(result.out / "metrics.jsonl")[0]
    assert [logs["reward"] for logs in told] == [line["reward"]]
    assert {"accuracy", "frac_reward_zero_std", "dead/right", "entropy"} <= told[0].keys()
    assert any("loss" in logs and "reward" not in logs for _, logs in Tracker.seen)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tensorbord", "report_to: found 'tensorbord', expected none or some of"),
        ("tensorbord", "did you mean 'tensorboard'?"),
        ("none, wandb", "report_to: found 'wandb', but it cannot be used here"),
    ],
)
def test_a_tracker_that_cannot_be_used_is_told_before_anything_is_written(
    make: Make, name: str, message: str
) -> None:
    config = make(report_to=name)
    with pytest.raises(ConfigError) as caught:
        rm_train.run(config)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not config.out.exists()
