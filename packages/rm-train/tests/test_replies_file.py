from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from rm_rewards import Completion, Question, RecordError, jsonl
from rm_train import ConfigError, TrainConfig, resolve
from rm_train.prompts import gold_dataset, read_material
from rm_train.replies_file import Lesson
from rm_train.training import train_on_gold

MakeConfig = Callable[..., TrainConfig]


def test_a_dataset_of_lessons_teaches_what_they_say(short_questions: Path) -> None:
    material = read_material(short_questions)
    lessons = [Lesson(2, "two"), Lesson(0, "zero"), Lesson(2, "two again")]
    rows = cast("Any", gold_dataset(material, [1, 2, 0, 1], lessons=lessons))
    assert [row["completion"][0]["content"] for row in rows] == ["zero", "two again", "two", "zero"]
    asked = [material.questions[number].question for number in (0, 2, 2, 0)]
    assert [row["prompt"][0]["content"] for row in rows] == asked


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"question_id": "gone", "text": "x"}', "r.jsonl:1: question_id: found 'gone', expected"),
        ('{"question_id": "ID", "text": " "}', "r.jsonl:1: text: found ' ', expected a reply"),
        ('{"question_id": "ID"}', "r.jsonl:1: text"),
        ("nonsense", "r.jsonl:1"),
        ("", "r.jsonl: file: found 'no replies', expected at least one line"),
    ],
)
def test_a_replies_file_that_cannot_be_learned_is_refused_before_anything_is_written(
    make_config: MakeConfig, short_questions: Path, tmp_path: Path, line: str, message: str
) -> None:
    first = next(jsonl.read(Question, short_questions))
    file = tmp_path / "r.jsonl"
    file.write_text(line.replace("ID", first.id) + "\n", encoding="utf-8")
    config = make_config(**{"sft.steps": 1, "sft.replies": str(file)})
    with pytest.raises(RecordError) as caught:
        train_on_gold(config)
    assert message in str(caught.value)
    assert not config.out.exists()


def test_supervised_training_on_replies_learns_them_and_not_the_gold_answers(
    tiny_model: Path, short_questions: Path, tmp_path: Path
) -> None:
    asked = list(jsonl.read(Question, short_questions))
    file = tmp_path / "replies.jsonl"
    jsonl.write([Completion(question_id=q.id, text="ab") for q in asked], file)
    settings: dict[str, object] = {"model": str(tiny_model), "questions": str(short_questions)}
    settings |= {"out": str(tmp_path / "run"), "sft.replies": str(file)}
    settings |= {"sft.steps": 30, "sft.batch": 4, "sft.lr": 1e-2}
    folder = train_on_gold(resolve("embedded", overrides=settings))
    logged = (folder.parent / "warmup.jsonl").read_text(encoding="utf-8").splitlines()
    losses = [json.loads(line)["loss"] for line in logged]
    assert losses[-1] < 0.1 * losses[0]  # two letters for every question are soon known by heart
    versions = json.loads((tmp_path / "run" / "versions.json").read_bytes())
    assert set(versions["fingerprints"]) == {"questions", "model", "replies"}


def test_the_replies_in_a_configuration_file_lie_relative_to_it(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("preset: embedded\nsft: {steps: 2, replies: r.jsonl}\n", encoding="utf-8")
    assert resolve(file=file).sft.replies == tmp_path / "r.jsonl"
    file.write_text("preset: embedded\nsft: {replys: r.jsonl}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"sft\.replys', the nearest is 'replies'"):
        resolve(file=file)
