"""Runs whose schedule reacts to what the replies earn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

import pytest

import rm_train
from rm_curriculum import Curriculum, text_diversity
from rm_rewards import Question, jsonl
from rm_train import TrainConfig


class MakeConfig(Protocol):
    def __call__(self, **overrides: object) -> TrainConfig: ...


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def asked(config: TrainConfig) -> list[Question]:
    assert config.questions is not None
    return list(jsonl.read(Question, config.questions))


def groups(samples: list[dict[str, Any]], step: int) -> list[list[dict[str, Any]]]:
    """The replies of a step, four to a question."""
    found = [sample for sample in samples if sample["step"] == step]
    return [found[i : i + 4] for i in range(0, len(found), 4)]


def test_what_replies_earn_decides_the_stage_and_stands_in_the_metrics(
    make_config: MakeConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    schedule = "gated:threshold=0.01,window=2,min_steps=1,floor=0,hysteresis=0"
    config = make_config(max_steps=6, schedule=schedule, log_samples=99, save_steps=0)
    rm_train.run(config)
    head = capsys.readouterr().err
    assert f"what replies earn decides what comes next ({schedule})" in head
    metrics = lines(config.out / "metrics.jsonl")
    stages = [line["stage"] for line in metrics]
    assert len(metrics) == 6
    assert len(set(stages)) > 1  # the gates opened, which a plan would not have done so soon
    positions = [line["curriculum"]["position"] for line in metrics]
    assert positions[-1] == 6 * 2
    assert [line["curriculum"]["updates"] for line in metrics] == [2, 4, 6, 8, 10, 12]
    samples = lines(config.out / "samples.jsonl")
    by_step = {line["step"]: line["stage"] for line in metrics}
    assert all(sample["stage"] == by_step[sample["step"]] for sample in samples)
    gates = Curriculum(asked(config), schedule, config.seed)
    kinds = {question.id: gates.stage_of(question.id) for question in asked(config)}
    assert all(kinds[sample["question_id"]] == sample["stage"] for sample in samples)
    assert len(samples) == 6 * 8


def test_the_curriculum_is_told_accuracy_and_diversity_of_every_group(
    make_config: MakeConfig,
) -> None:
    config = make_config(max_steps=3, schedule="vas", log_samples=99, save_steps=3)
    rm_train.run(config)
    state = json.loads((config.out / "checkpoints/checkpoint-3/curriculum.json").read_bytes())
    told = Curriculum(asked(config), "vas", config.seed, epochs=9)
    told.load_state_dict(state["curriculum"])
    found = told.metrics()
    samples = lines(config.out / "samples.jsonl")
    accuracy = sum(sample["accuracy"] for sample in samples) / len(samples)
    (reported,) = found["accuracy"].values()
    assert found["updates"] == 3 * 2
    assert reported == pytest.approx(accuracy)
    (earned,) = found["reward"].values()
    assert earned == pytest.approx(sum(sample["total"] for sample in samples) / len(samples))
    waiting = state["curriculum"]["inbox"]  # of the last two steps: the loader is one ahead
    assert [report[-1] for report in waiting] == pytest.approx(
        [
            text_diversity([sample["text"] for sample in group])
            for step in (2, 3)
            for group in groups(samples, step)
        ]
    )
    assert any(report[-1] for report in waiting)


@pytest.mark.parametrize("method", ["dynamic-sampling"])
def test_what_a_method_asks_besides_is_not_taken_for_what_was_dealt(
    make_config: MakeConfig, method: str
) -> None:
    config = make_config(max_steps=3, schedule="bandit", method=method, save_steps=0)
    rm_train.run(config)
    metrics = lines(config.out / "metrics.jsonl")
    assert [line["curriculum"]["updates"] for line in metrics] == [2, 4, 6]
