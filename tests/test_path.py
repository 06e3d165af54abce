"""The whole path, through the command lines: each step's records are checked against the others."""

import json
from collections.abc import Callable, Sequence
from itertools import groupby
from math import isclose
from pathlib import Path
from statistics import mean
from typing import Any, TypeAlias

import pytest
from PIL import Image

from rm_rewards import (
    PLANNING,
    QUESTION_TYPES,
    Completion,
    Question,
    Reward,
    gold_answer,
    grades_stops,
    jsonl,
)

Call: TypeAlias = Callable[..., str]

MAPS = 5
BATCH = 6
GROUP = 4
PER_MAP = "TorF1=1,TorF2=1,Counting1=1,Counting2=1,Counting3=1,planning=2"
STAGES = (("TorF1", "TorF2"), ("Counting2", "Counting3"), ("Counting1",), (PLANNING,))
ALPHA = 0.5


def objects(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("path")


@pytest.fixture(scope="module")
def maps(place: Path, call: Call) -> Path:
    out = place / "maps"
    call("rm-data", "maps", "--out", out, "--count", MAPS, "--seed", 7, "--style", "compact")
    return out


@pytest.fixture(scope="module")
def questions(place: Path, maps: Path, call: Call) -> Path:
    out = place / "questions.jsonl"
    call(
        *("rm-data", "questions", maps, "--out", out, "--seed", 7, "--per-map", PER_MAP),
        *("--transfers", "0-1", "--split", "city", "--test-share", 0.4),
    )
    return out


@pytest.fixture(scope="module")
def train(questions: Path) -> Path:
    return questions.with_suffix(".train.jsonl")


@pytest.fixture(scope="module")
def held_out(questions: Path) -> Path:
    return questions.with_suffix(".test.jsonl")


@pytest.fixture(scope="module")
def asked(train: Path) -> dict[str, Question]:
    return {question.id: question for question in jsonl.read(Question, train)}


@pytest.fixture(scope="module")
def plan(place: Path, train: Path, call: Call) -> list[dict[str, Any]]:
    out = place / "plan.jsonl"
    call(
        *("rm-curriculum", "plan", train, "--schedule", "rewardmap", "--seed", 3),
        *("--batch", BATCH, "--out", out),
    )
    return objects(out)


@pytest.fixture(scope="module")
def run(place: Path, train: Path, call: Call) -> Path:
    out = place / "run"
    call(
        *("rm-train", "run", "--preset", "embedded", "--questions", train),
        *("--out", out, "--seed", 3, "--prompts-per-step", BATCH, "--num-generations", GROUP),
        *("--log-samples", BATCH * GROUP),
    )
    return out


@pytest.fixture(scope="module")
def measured(place: Path, held_out: Path, policy: Path, run: Path, call: Call) -> tuple[Path, Path]:
    places = place / "eval" / "before", place / "eval" / "after"
    for model, out in zip((policy, run / "model"), places, strict=True):
        call(
            *("rm-eval", "bench", "--model", model, "--data", held_out, "--out", out),
            *("--max-new-tokens", 32),
        )
    return places


def test_every_map_has_its_network_and_its_picture(maps: Path) -> None:
    networks = sorted(maps.glob("*/*.json"))
    assert len(networks) == MAPS
    for file in networks:
        assert jsonl.read_network(file).lines
        with Image.open(file.with_suffix(".png")) as picture:
            assert picture.size == (112, 112)


def test_the_questions_are_split_by_city_and_name_files_that_are_there(
    train: Path, held_out: Path
) -> None:
    cities: list[set[str]] = []
    for file in (train, held_out):
        found = list(jsonl.read(Question, file))
        assert {question.type for question in found} == set(QUESTION_TYPES)
        for question in found:
            assert question.figure
            assert question.network
            assert (file.parent / question.figure).is_file()
            assert (file.parent / question.network).is_file()
        cities.append({question.city for question in found})
    assert [len(side) for side in cities] == [3, 2]
    assert not cities[0] & cities[1]


def test_the_true_answers_earn_full_marks(
    train: Path, asked: dict[str, Question], place: Path, call: Call
) -> None:
    replies = place / "gold.jsonl"
    jsonl.write((Completion(question_id=i, text=gold_answer(asked[i])) for i in asked), replies)
    call(
        "rm-rewards", "score", replies, "--questions", train, "--out", place / "gold_rewards.jsonl"
    )
    rewards = list(jsonl.read(Reward, place / "gold_rewards.jsonl"))
    assert [reward.question_id for reward in rewards] == list(asked)
    for reward in rewards:
        assert reward.correct
        assert reward.reasons == ()
        assert reward.total == (2.5 if _has_detail(asked[reward.question_id]) else 2.0)


def test_the_plan_asks_every_question_once_stage_by_stage(
    plan: list[dict[str, Any]], asked: dict[str, Question]
) -> None:
    assert sorted(one for batch in plan for one in batch["ids"]) == sorted(asked)
    types = [{asked[one].type for one in batch["ids"]} for batch in plan]
    stages = [next(s for s, names in enumerate(STAGES) if found <= set(names)) for found in types]
    assert stages == sorted(stages)
    assert set(stages) == set(range(len(STAGES)))


def test_the_trainer_asks_what_the_plan_says(plan: list[dict[str, Any]], run: Path) -> None:
    steps = [list(found) for _, found in groupby(objects(run / "samples.jsonl"), _step)]
    assert len(steps) == len(plan)
    for batch, samples in zip(plan, steps, strict=True):
        assert len(samples) == BATCH * GROUP
        assert {sample["question_id"] for sample in samples} >= set(batch["ids"])
        assert {sample["stage"] for sample in samples} == {batch["stage"]}
        if len(batch["ids"]) == BATCH:
            assert {sample["question_id"] for sample in samples} == set(batch["ids"])


def test_the_logged_samples_earn_the_same_from_rm_rewards(
    run: Path, train: Path, place: Path, call: Call
) -> None:
    out = place / "again.jsonl"
    call("rm-rewards", "score", run / "samples.jsonl", "--questions", train, "--out", out)
    logged = list(jsonl.read(Reward, run / "samples.jsonl"))
    assert logged == list(jsonl.read(Reward, out))
    assert any(reward.total > 0 for reward in logged)
    for reward in logged:
        assert isclose(reward.total, reward.format + reward.correctness + ALPHA * reward.detail)


def test_the_metrics_are_the_means_of_the_samples(run: Path, asked: dict[str, Question]) -> None:
    steps = [list(found) for _, found in groupby(objects(run / "samples.jsonl"), _step)]
    for line, samples in zip(objects(run / "metrics.jsonl"), steps, strict=True):
        assert {sample["step"] for sample in samples} == {line["step"]}
        assert line["reward"] == pytest.approx(_mean(samples, "total"))
        assert line["accuracy"] == pytest.approx(_mean(samples, "accuracy"))
        columns: dict[str, float | None] = line["rewards"]
        assert set(columns) == {"format", "correctness", "detail"}
        detailed = [sample for sample in samples if _has_detail(asked[sample["question_id"]])]
        for name, column in columns.items():
            applies = samples if name != "detail" else detailed
            assert column == (pytest.approx(_mean(applies, name)) if applies else None)
        # TRL's mean of a column is over the replies to which it applies
        share = {"detail": len(detailed) / len(samples)}
        total = sum((columns[n] or 0) * w * share.get(n, 1) for n, w in _WEIGHTS.items())
        assert line["reward"] == pytest.approx(total)


def test_a_run_leaves_its_settings_curves_and_a_model(run: Path) -> None:
    assert {path.name for path in run.iterdir()} >= {
        *("config.yaml", "versions.json", "metrics.jsonl", "samples.jsonl", "curves.png"),
        *("checkpoints", "model"),
    }
    with Image.open(run / "curves.png") as curves:
        curves.load()


def test_the_evaluation_asks_every_held_out_question_and_grades_as_rm_rewards(
    measured: tuple[Path, Path], held_out: Path, place: Path, call: Call
) -> None:
    for folder in measured:
        replies = folder / "completions.jsonl"
        assert sorted(c.question_id for c in jsonl.read(Completion, replies)) == sorted(
            question.id for question in jsonl.read(Question, held_out)
        )
        out = place / "regraded.jsonl"
        call("rm-rewards", "score", replies, "--questions", held_out, "--out", out)
        graded = {r.question_id: r for r in jsonl.read(Reward, folder / "rewards.jsonl")}
        assert graded == {r.question_id: r for r in jsonl.read(Reward, out)}


def test_the_comparison_counts_what_the_rewards_say(
    measured: tuple[Path, Path], call: Call
) -> None:
    compared = json.loads(call("rm-eval", "compare", *measured, "--format", "json"))
    right = [
        {reward.question_id for reward in jsonl.read(Reward, f / "rewards.jsonl") if reward.correct}
        for f in measured
    ]
    everything = compared["rows"][0]
    assert [score["correct"] for score in everything["scores"]] == [len(found) for found in right]
    assert everything["gained"] == len(right[1] - right[0])
    assert everything["lost"] == len(right[0] - right[1])


def test_a_sample_can_be_explained(run: Path, train: Path, call: Call) -> None:
    samples = objects(run / "samples.jsonl")
    page = call(
        *("rm-rewards", "explain", run / "samples.jsonl", "--questions", train),
        *("--line", len(samples)),
    )
    shown = dict(line.split(maxsplit=1) for line in page.splitlines() if line[:1].isalpha())
    assert shown["question"].startswith(samples[-1]["question_id"])
    assert float(shown["total"].split()[0]) == pytest.approx(samples[-1]["total"], abs=1e-3)


def test_the_run_becomes_a_page(
    run: Path, measured: tuple[Path, Path], place: Path, call: Call
) -> None:
    before, after = measured
    call(
        *("rm-train", "report", run, "--eval", f"before={before}", "--eval", f"after={after}"),
        *("--html", place / "report.html"),
    )
    page = (place / "report.html").read_text(encoding="utf-8")
    assert "before" in page
    assert "after" in page
    assert "data:image/png;base64," in page


_WEIGHTS = {"format": 1.0, "correctness": 1.0, "detail": ALPHA}


def _step(sample: dict[str, Any]) -> int:
    return sample["step"]


def _has_detail(question: Question) -> bool:
    return question.type == PLANNING or grades_stops(question)


def _mean(rows: Sequence[dict[str, Any]], name: str) -> float:
    return mean(float(row[name]) for row in rows)
