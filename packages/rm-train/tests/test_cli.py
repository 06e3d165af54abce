from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from rm_train import TrainConfig, resolve
from rm_train.cli import app
from rm_train.config import LoraConfig, SftConfig
from rm_train.run_directory import RunDirectory


def ran(*words: str) -> Any:  # noqa: ANN401 - click's result
    return CliRunner().invoke(app, list(words))


def test_every_setting_is_an_option_with_its_documentation() -> None:
    said = " ".join(ran("run", "--help").stdout.split())
    names = [f.name for f in fields(TrainConfig) if f.name not in {"lora", "sft"}]
    names += [f"lora_{f.name}" for f in fields(LoraConfig)]
    names += [f"sft_{f.name}" for f in fields(SftConfig)]
    for name in names:
        assert f"--{name.replace('_', '-')}" in said, name
    assert "Replies sampled for each question (paper: 8). Default: 8." in said


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["run", "--num-generations", "1"], 2, "num_generations: found 1, expected 2 or more"),
        (["run", "--preset", "gpt"], 2, "preset 'gpt': expected one of embedded"),
        (["run", "--model", "x/y"], 2, "give --preset or --config with it"),
        (["run", "--config", "nowhere.yaml"], 1, "nowhere.yaml: No such file or directory"),
        (["run", "--lr", "fast"], 2, "Invalid value for '--lr'"),
        (["run", "--advantage", "std"], 2, "'std' is not one of"),
        (["sft"], 2, "sft.steps: found 0, expected a number of steps (--sft-steps)"),
        (["report", "nowhere", "--html", "x.html"], 1, "nowhere: config.yaml or metrics.jsonl is"),
        (["conquer"], 2, "No such command 'conquer'"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    words: list[str], code: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = ran(*words)
    assert found.exit_code == code, found.output
    assert message in found.stderr
    assert len(found.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_bad_question_file_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text('{"id": "a", "type": "TorF1"}\n', encoding="utf-8")
    out = tmp_path / "run"
    found = ran("run", "--preset", "embedded", "--questions", str(file), "--out", str(out))
    assert found.exit_code == 1
    assert found.stderr.splitlines()[-1].startswith(f"rm-train: {file}:1: question: ")
    assert not out.exists()


def test_a_model_that_is_not_there_is_told_before_anything_is_written(
    short_questions: Path, tmp_path: Path
) -> None:
    found = ran(
        "run", "--preset", "embedded", "--model", "/no/model", "--questions", str(short_questions),
        "--out", str(tmp_path / "run"),
    )  # fmt: skip
    assert found.exit_code == 1
    assert "/no/model: no such folder" in found.stderr
    assert not (tmp_path / "run").exists()


def test_run_and_resume_from_the_command_line(
    schooled_model: Path, short_questions: Path, tmp_path: Path
) -> None:
    settings: dict[str, object] = {
        "preset": "embedded",
        "model": str(schooled_model),
        "questions": str(short_questions),
        "prompts_per_step": 2,
        "max_completion_length": 12,
    }
    file = tmp_path / "run.yaml"
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    out = tmp_path / "run"
    words = ["--config", str(file), "--out", str(out), "--max-steps", "2", "--lr", "0.001"]
    first = ran("run", *words)
    assert first.exit_code == 0, first.output
    assert first.stdout.startswith(f"{out}: 2 steps, reward ")
    assert (RunDirectory(out).stored().lr, RunDirectory(out).stored().max_steps) == (1e-3, 2)
    again = ran("run", "--out", str(out), "--resume", "auto")
    assert again.exit_code == 0
    assert "all 2 steps are done" in again.stderr
    foreign = ran("run", "--out", str(out), "--resume", "auto", "--lr", "0.002")
    assert foreign.exit_code == 1
    assert "this run has lr 0.001, found 0.002" in foreign.stderr
    used = ran("run", *words)
    assert used.exit_code == 1
    assert "not empty; go on with" in used.stderr


def test_the_default_preset_is_the_embedded_run_on_a_cpu() -> None:
    config = resolve("embedded")
    assert (config.model, config.device, config.questions) == ("embedded", "cpu", None)
