"""Runs the commands of docs/real-maps.md: train on four real cities, measure on two others."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rm_curriculum import SCHEDULES
from rm_rewards import QUESTION_TYPES, Question, jsonl

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
TRAINED = {"budapest", "geneva", "singapore", "washington"}
HELD_OUT = {"miami", "dubai"}

pytestmark = pytest.mark.skipif(
    not (SHARED / "reasonmap").is_dir(),
    reason="needs the published lists and pictures in ../shared/reasonmap: docs/real-maps.md",
)


def objects(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def cities(questions: Path) -> set[str]:
    return {question.city for question in jsonl.read(Question, questions)}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """The folder in which the commands have run, beside the same folder `shared`."""
    place = tmp_path_factory.mktemp("beside")
    (place / "shared").symlink_to(SHARED)
    (place / "repository").mkdir()
    text = (ROOT / "docs/real-maps.md").read_text(encoding="utf-8")
    commands = re.findall(r"^```\n(REAL=.*?)^```$", text, re.MULTILINE | re.DOTALL)[0]
    run = subprocess.run(
        ["bash", "-euc", commands],
        cwd=place / "repository",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr
    return place / "repository/runs/real"


def test_the_cities_that_are_trained_on_are_not_those_that_measure(done: Path) -> None:
    assert cities(done / "train.jsonl") == TRAINED
    assert cities(done / "test.jsonl") == HELD_OUT


def test_training_goes_through_every_stage_and_type(done: Path) -> None:
    metrics = objects(done / "train/metrics.jsonl")
    stages = [line["stage"] for line in metrics]
    assert list(dict.fromkeys(stages)) == [stage.name for stage in SCHEDULES["rewardmap"].stages]
    assert {kind for line in metrics for kind in line["accuracy_by_type"]} == set(QUESTION_TYPES)
    assert (done / "train/model/model.safetensors").is_file()


def test_the_two_held_out_cities_are_answered_and_counted(done: Path) -> None:
    report = json.loads((done / "eval/report.json").read_text(encoding="utf-8"))
    assert report["n"] == len(HELD_OUT) * len(QUESTION_TYPES)
    assert {row["name"] for row in report["types"]} == set(QUESTION_TYPES)
    assert len(objects(done / "eval/completions.jsonl")) == report["n"]


def test_the_processor_scales_the_pictures_down(done: Path) -> None:
    batches = objects(done / "eval/batches.jsonl")
    assert {n for batch in batches for n in batch["visual_tokens"]} == {247, 256}
