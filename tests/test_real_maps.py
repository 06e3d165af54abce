"""Real station lists and pictures: trains on four cities, measures on two others, and finishes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from rm_curriculum import SCHEDULES
from rm_rewards import QUESTION_TYPES, Question, jsonl

Call: TypeAlias = Callable[..., str]

REASONMAP = Path(__file__).resolve().parents[2] / "shared" / "reasonmap"
TRAINED = ("hungary/budapest", "switzerland/geneva", "singapore/singapore", "america/washington")
HELD_OUT = ("america/miami", "united_arab_emirates/dubai")
PER_MAP = ",".join(f"{kind}=1" for kind in QUESTION_TYPES)
MAX_PIXELS = 256 * 28 * 28
"""At most 256 picture tokens: one for each 28 x 28 pixels."""

pytestmark = pytest.mark.skipif(
    not REASONMAP.is_dir(),
    reason="needs the published maps, which are not ours to copy: docs/real-maps.md",
)


def objects(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("real")


def ask(call: Call, cities: tuple[str, ...], out: Path) -> Path:
    lists = [REASONMAP / "stations" / f"{city}.json" for city in cities]
    maps = REASONMAP / "maps"
    call("rm-data", "questions", *lists, "--maps", maps, "--out", out, "--per-map", PER_MAP)
    return out


@pytest.fixture(scope="module")
def trained(place: Path, policy: Path, call: Call) -> Path:
    out = place / "run"
    call(
        *("rm-train", "run", "--preset", "embedded", "--model", policy, "--out", out),
        *("--questions", ask(call, TRAINED, place / "train.jsonl"), "--max-steps", 0),
        *("--prompts-per-step", 4, "--num-generations", 4, "--log-samples", 16),
        *("--max-pixels", MAX_PIXELS),
    )
    return out


@pytest.fixture(scope="module")
def measured(place: Path, trained: Path, call: Call) -> Path:
    out = place / "eval"
    call(
        *("rm-eval", "bench", "--model", trained / "model", "--out", out),
        *("--data", ask(call, HELD_OUT, place / "test.jsonl")),
        *("--max-new-tokens", 32, "--max-pixels", MAX_PIXELS),
    )
    return out


def test_training_goes_through_every_stage_with_every_picture(trained: Path, place: Path) -> None:
    asked = {question.id: question for question in jsonl.read(Question, place / "train.jsonl")}
    samples = objects(trained / "samples.jsonl")
    assert {sample["question_id"] for sample in samples} == set(asked)
    assert {asked[sample["question_id"]].city for sample in samples} == {
        city.partition("/")[2] for city in TRAINED
    }
    stages = [line["stage"] for line in objects(trained / "metrics.jsonl")]
    assert list(dict.fromkeys(stages)) == [s.name for s in SCHEDULES["rewardmap"].stages]
    assert (trained / "model" / "model.safetensors").is_file()


def test_the_two_held_out_cities_are_answered_and_counted(measured: Path) -> None:
    report = json.loads((measured / "report.json").read_text(encoding="utf-8"))
    assert report["n"] == len(HELD_OUT) * len(QUESTION_TYPES)
    assert {row["name"] for row in report["types"]} == set(QUESTION_TYPES)


def test_the_pictures_are_resized_by_the_processor(measured: Path) -> None:
    tokens = [n for batch in objects(measured / "batches.jsonl") for n in batch["visual_tokens"]]
    assert all(200 <= number <= 256 for number in tokens)
