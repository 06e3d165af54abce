from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image
from typer.testing import CliRunner

import rm_train
from rm_rewards import Question, jsonl
from rm_train import TrainConfig
from rm_train.ablation.design import Task
from rm_train.ablation.design_file import Wanted, read_design
from rm_train.ablation.study import plan
from rm_train.ablation.task import held_out_questions, training_questions
from rm_train.cli import app

STEPS = 6


@pytest.fixture(scope="session")
def ablation(
    schooled_model: Path, short_questions: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The file of an ablation of four runs; one of the three levels breaks its runs."""
    keys: dict[str, Any] = {
        "title": "learning rates",
        "embedded": {
            "preset": "embedded",
            "model": str(schooled_model),
            "questions": str(short_questions),
            "eval_questions": str(short_questions),
            "prompts_per_step": 2,
            "num_generations": 4,
            "max_completion_length": 12,
            "max_steps": STEPS,
            "save_steps": 2,
            "schedule": "random",
        },
        "factors": {"lr": {"usual": {"lr": 1e-3}, "low": {"lr": 1e-4}, "broken": {"lr": 1e30}}},
        "seeds": 2,
        "reach": {"kind": "TorF2", "level": 0.01, "window": 1},
    }
    path = tmp_path_factory.mktemp("ablation") / "own.yaml"
    path.write_text(yaml.safe_dump(keys, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def done(ablation: Path) -> Path:
    """The same, finished as far as it can be."""
    out = ablation.parent / "done"
    found = CliRunner().invoke(app, words(ablation, out))
    assert found.exit_code == 1, found.output
    said = found.stderr.splitlines()
    assert said[-1].startswith("rm-train: 2 of 6 runs failed; lr=broken,seed=0: ")
    assert "4 of 6 runs; " in found.stdout
    return out


def words(ablation: Path, out: Path, *more: str) -> list[str]:
    return ["ablate", "--config", str(ablation), "--out", str(out), *more]


def metrics(run: Path) -> list[dict[str, Any]]:
    text = (run / "metrics.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines() if line]
    return [{k: v for k, v in line.items() if k != "step_time"} for line in lines]


def test_each_run_is_the_one_that_the_run_command_makes(done: Path, tmp_path: Path) -> None:
    stored = yaml.safe_load((done / "configs" / "lr=low,seed=1.yaml").read_text(encoding="utf-8"))
    alone = rm_train.resolve("embedded", overrides={**stored, "out": str(tmp_path / "alone")})
    rm_train.run(alone)
    assert metrics(tmp_path / "alone") == metrics(done / "runs" / "lr=low,seed=1")


def test_the_report_counts_what_is_finished_and_names_what_failed(done: Path) -> None:
    text = (done / "report" / "table.md").read_text(encoding="utf-8")
    assert "4 of 6 planned runs are finished" in text
    assert "## Runs that failed (2)" in text
    results = json.loads((done / "report" / "results.json").read_bytes())
    assert (results["finished"], results["planned"]) == (4, 6)
    assert sorted(results["missing"]) == ["lr=broken,seed=0", "lr=broken,seed=1"]
    assert [arm["arm"]["lr"] for arm in results["arms"]] == ["usual", "low"]
    assert {(one["level"], one["runs"]) for one in results["differences"]} == {("low", 2)}
    assert [one["labels"] for one in results["runs"]] == [
        {"lr": name, "seed": seed} for seed in ("0", "1") for name in ("usual", "low")
    ]
    assert all(one["before"].keys() == one["after"].keys() for one in results["runs"])
    with (done / "report" / "table.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["kind"] for row in rows} >= {"all", "TorF1", "TorF2"}
    for row in rows:
        assert float(row["low"]) <= float(row["accuracy"]) <= float(row["high"])
    for name in ("curves-lr.png", "final.png"):
        with Image.open(done / "report" / name) as picture:
            assert picture.size[0] > 300


def test_accuracies_are_those_that_rm_eval_found(done: Path) -> None:
    results = json.loads((done / "report" / "results.json").read_bytes())
    for arm in results["arms"]:
        name = arm["arm"]["lr"]
        folders = [done / "held-out" / f"lr={name},seed={seed}" for seed in (0, 1)]
        texts = [(folder / "rewards.jsonl").read_text(encoding="utf-8") for folder in folders]
        right = [json.loads(line)["correct"] for text in texts for line in text.splitlines()]
        assert arm["accuracy"]["all"]["mean"] == pytest.approx(sum(right) / len(right))
        dead = [
            line["dead_groups"]
            for seed in (0, 1)
            for line in metrics(done / "runs" / f"lr={name},seed={seed}")
        ]
        assert arm["dead"][0] == pytest.approx(sum(dead) / len(dead))


def test_what_is_done_is_not_done_again_and_what_failed_is_tried_again(
    ablation: Path, done: Path
) -> None:
    kept = ["lr=usual,seed=0", "lr=low,seed=1"]
    files = [done / "held-out" / name / "rewards.jsonl" for name in kept]
    files += [done / "runs" / name / "metrics.jsonl" for name in kept]
    before = [file.stat().st_mtime_ns for file in files]
    only = words(ablation, done, "--only", "lr=usual|low")
    found = CliRunner().invoke(app, only)
    assert found.exit_code == 0, found.output
    assert "4 runs, 4 of them done" in found.stderr
    assert [file.stat().st_mtime_ns for file in files] == before
    assert plan(read_design(str(ablation), Wanted()), done).runs[2].trial.name == "lr=broken,seed=0"
    report = CliRunner().invoke(app, words(ablation, done, "--report-only"))
    assert report.exit_code == 0, report.output


def test_another_folder_is_left_alone(ablation: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine", encoding="utf-8")
    found = CliRunner().invoke(app, words(ablation, tmp_path))
    assert found.exit_code == 1
    assert found.stderr.splitlines() == [
        f"rm-train: {tmp_path}: not empty, and no ablation; choose another --out"
    ]
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_report_of_nothing_is_told_in_one_line(ablation: Path, tmp_path: Path) -> None:
    found = CliRunner().invoke(app, words(ablation, tmp_path / "out", "--report-only"))
    assert found.exit_code == 1
    assert "no run is finished; call ablate without --report-only" in found.stderr
    assert len(found.stderr.splitlines()) == 1


def test_where_every_run_fails_the_reason_is_told(ablation: Path, tmp_path: Path) -> None:
    found = CliRunner().invoke(
        app, words(ablation, tmp_path / "out", "--only", "lr=broken", "--seeds", "1")
    )
    assert found.exit_code == 1
    assert "rm-train: 1 of 1 runs failed; lr=broken,seed=0: " in found.stderr.splitlines()[-1]
    assert not (tmp_path / "out" / "report").exists()


@pytest.fixture
def begun(ablation: Path, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def begin() -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "rm_train.cli"]
        command += words(ablation, tmp_path / "out", "--only", "lr=usual|low")
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def wait_for(what: Callable[[], object], process: subprocess.Popen[str]) -> None:
    while not what():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


def worker_of(process: subprocess.Popen[str]) -> int:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    mine = [int(pid) for pid in children.split()]
    threads = Path(f"/proc/{process.pid}/task").iterdir()
    mine += [int(pid) for one in threads for pid in (one / "children").read_text().split()]
    return mine[0]


@pytest.mark.skipif(sys.platform != "linux", reason="finds the worker in /proc")
def test_a_killed_ablation_and_a_killed_run_end_as_if_nothing_had_been(
    begun: Callable[[], subprocess.Popen[str]], done: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"

    def at(name: str, step: int) -> bool:
        file = out / "runs" / name / "metrics.jsonl"
        return file.is_file() and file.read_text(encoding="utf-8").count("\n") >= step

    first = begun()
    wait_for(lambda: at("lr=usual,seed=0", 3), first)
    worker = worker_of(first)
    first.send_signal(signal.SIGKILL)
    first.wait()

    second = begun()  # waits until the first one's worker has ended, then goes on with its run
    wait_for(lambda: at("lr=low,seed=0", 2), second)
    assert not Path(f"/proc/{worker}").exists()
    os.kill(worker_of(second), signal.SIGKILL)
    _, said = second.communicate()
    assert second.returncode == 1
    assert "lr=low,seed=0: its process ended with signal 9; see " in said.splitlines()[-1]

    third = begun()
    _, said = third.communicate()
    assert third.returncode == 0, said
    for run in sorted((out / "runs").iterdir()):
        assert metrics(run) == metrics(done / "runs" / run.name), run.name
        mine, other = (base / "held-out" / run.name / "rewards.jsonl" for base in (out, done))
        assert mine.read_bytes() == other.read_bytes()


def test_synthetic_maps_are_made_once_and_apart_from_each_other(tmp_path: Path) -> None:
    task = Task(
        train_maps=3,
        held_out_maps=2,
        per_map={"planning": 2},
        held_out={"TorF1": 1, "planning": 1},
        transfers=(0, 1),
    )
    files = [
        held_out_questions(task, tmp_path),
        *(training_questions(task, tmp_path, n) for n in (0, 1)),
    ]
    asked = [list(jsonl.read(Question, file)) for file in files]
    cities: list[set[str]] = [{question.city for question in one} for one in asked]
    assert [len(one) for one in cities] == [2, 3, 3]
    assert len(cities[0] | cities[1] | cities[2]) == 8
    assert {question.type for question in asked[1]} == {"planning"}
    before = files[1].stat().st_mtime_ns
    assert training_questions(task, tmp_path, 0).stat().st_mtime_ns == before


def test_the_settings_of_a_run_can_be_used_by_the_run_command(done: Path) -> None:
    for file in sorted((done / "configs").iterdir()):
        assert isinstance(rm_train.resolve(file=file), TrainConfig)
