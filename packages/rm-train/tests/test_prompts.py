from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image

from rm_rewards import Question, RecordError, gold_answer, jsonl
from rm_train.plan import Step
from rm_train.prompts import Pictures, gold_dataset, read_material, rollout_dataset


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        Image.new("RGB", (56, 84), (10, 200, 30)).save(tmp_path / f"{name}.png")
    made = [
        Question(id=f"q{i}", type="TorF1", question=f"Ask {i}?", answer=1, figure=f"{name}.png")
        for i, name in enumerate("aab")
    ]
    jsonl.write(made, tmp_path / "questions.jsonl")
    return tmp_path / "questions.jsonl"


def test_rows_follow_the_plan_and_carry_what_the_rewards_need(asked: Path) -> None:
    steps = [Step("first", 0, ("q2", "q0")), Step("second", 0, ("q1", "q1"))]
    dataset = cast("Any", rollout_dataset(read_material(asked), steps))
    assert [row["question"] for row in dataset] == [2, 0, 1, 1]
    assert [row["stage"] for row in dataset] == ["first", "first", "second", "second"]
    row = dataset[0]
    assert row["prompt"] == [{"role": "user", "content": "Ask 2?"}]
    assert row["image"].size == (56, 84)


def test_pictures_open_on_access_and_copies_share_one(asked: Path) -> None:
    steps = [Step("s", 0, ("q0", "q1", "q2"))]
    dataset = cast("Any", rollout_dataset(read_material(asked), steps))
    assert dataset.data.nbytes < 200
    batch = dataset[[0, 0, 1]]["image"]
    assert batch[0] is batch[1] is batch[2]


def test_kept_pictures_stay_within_their_budget(asked: Path) -> None:
    paths = [asked.parent / "a.png", asked.parent / "b.png"]
    roomy, narrow = Pictures(), Pictures(budget=3 * 56 * 84)
    assert roomy.of(paths)[0] is roomy.of(paths)[0]
    first = narrow.of(paths)
    assert narrow.of(paths[1:])[0] is first[1]
    assert narrow.of(paths[:1])[0] is not first[0]


def test_the_warm_up_learns_the_gold_answers(asked: Path) -> None:
    material = read_material(asked)
    dataset = cast("Any", gold_dataset(material, [1, 0]))
    assert dataset[0]["prompt"][0]["content"] == "Ask 1?"
    gold = gold_answer(material.questions[1])
    assert dataset[0]["completion"] == [{"role": "assistant", "content": gold}]


def _truncate(picture: Path) -> None:
    picture.write_bytes(picture.read_bytes()[:60])


def _no_picture(picture: Path) -> None:
    picture.write_text("not a picture", encoding="utf-8")


def _ribbon(picture: Path) -> None:
    Image.new("L", (600, 2)).save(picture)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (Path.unlink, "that can be opened (No such file or directory)"),
        (_truncate, "that can be opened ("),
        (_no_picture, "that can be opened ("),
        (_ribbon, "at most 200 times as long as wide"),
    ],
)
def test_a_bad_picture_is_named_with_its_question_before_training(
    asked: Path, damage: Callable[[Path], None], message: str
) -> None:
    damage(asked.parent / "b.png")
    with pytest.raises(RecordError) as caught:
        read_material(asked)
    assert f"{asked}:3: figure: " in str(caught.value)
    assert "'q2'" in str(caught.value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_a_figure_the_picture_is_found_by_city(asked: Path, tmp_path: Path) -> None:
    (tmp_path / "maps" / "norway").mkdir(parents=True)
    (tmp_path / "a.png").rename(tmp_path / "maps" / "norway" / "oslo.png")
    plain = next(jsonl.read(Question, asked))
    jsonl.write([replace(plain, figure=None, country="norway", city="oslo")], asked)
    with pytest.raises(RecordError, match="or a folder --maps"):
        read_material(asked)
    assert read_material(asked, tmp_path / "maps").pictures[0].name == "oslo.png"


def test_an_id_that_stands_there_twice_is_refused_with_both_lines(asked: Path) -> None:
    lines = asked.read_text(encoding="utf-8").splitlines()
    asked.write_text("\n".join([*lines, lines[0]]), encoding="utf-8")
    with pytest.raises(RecordError) as caught:
        read_material(asked)
    assert f"{asked}:4: id: " in str(caught.value)
    assert f"{asked}:1" in str(caught.value)


def test_an_empty_file_is_refused(asked: Path) -> None:
    asked.write_text("\n", encoding="utf-8")
    with pytest.raises(RecordError, match="at least one line"):
        read_material(asked)


def test_the_fingerprint_tells_changed_questions_and_changed_pictures(asked: Path) -> None:
    first = read_material(asked).fingerprint
    assert read_material(asked).fingerprint == first
    Image.new("RGB", (56, 84), (11, 200, 30)).save(asked.parent / "b.png")
    second = read_material(asked).fingerprint
    line = json.loads(asked.read_text(encoding="utf-8").splitlines()[0])
    asked.write_text(json.dumps({**line, "answer": 0}) + "\n", encoding="utf-8")
    assert len({first, second, read_material(asked).fingerprint}) == 3
