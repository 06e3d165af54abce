from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

import rm_train.embedded_data as made
from rm_rewards import Question, gold_answer, jsonl, score


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "TRAIN_MAPS", 6)
    monkeypatch.setattr(made, "EVAL_MAPS", 2)


@pytest.mark.usefixtures("few")
def test_the_questions_can_be_answered_and_their_maps_are_there(tmp_path: Path) -> None:
    for file, maps in zip(made.embedded_questions(tmp_path / "data", 0), (6, 2), strict=True):
        questions = list(jsonl.read(Question, file))
        networks = jsonl.Networks(file.parent)
        found = Counter(question.type for question in questions)
        assert set(found) == set(made.PER_MAP)
        # a small map may not have so many different journeys
        assert all(found[kind] <= maps * n for kind, n in made.PER_MAP.items())
        assert all(found[kind] == maps for kind in found if kind != "planning")
        assert {q.question_transfer_count for q in questions} == {0, 1}
        for question in questions:
            with Image.open(file.parent / str(question.figure)) as picture:
                assert picture.size == (112, 112)
            reward = score(question, gold_answer(question), network=networks.of(question))
            assert reward.correct


@pytest.mark.usefixtures("few")
def test_maps_of_training_and_evaluation_are_disjoint_and_follow_the_seed(tmp_path: Path) -> None:
    cities: list[set[str]] = []
    for seed in (0, 1):
        train, held_out = made.embedded_questions(tmp_path / str(seed), seed)
        cities += [{q.city for q in jsonl.read(Question, file)} for file in (train, held_out)]
    assert cities[1] == cities[3]
    assert not cities[0] & cities[1]
    assert not cities[0] & cities[2]


@pytest.mark.usefixtures("few")
def test_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    first, _ = made.embedded_questions(tmp_path / "data", 0)
    before = first.stat().st_mtime_ns
    assert made.embedded_questions(tmp_path / "data", 0)[0].stat().st_mtime_ns == before


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("there", ["nothing", "the folder", "the questions"])
def test_what_fails_afterwards_leaves_what_was_there_before(tmp_path: Path, there: str) -> None:
    run = tmp_path / "run"
    if there != "nothing":
        run.mkdir()
    if there == "the questions":
        made.embedded_questions(run / "data", 0)
    before = sorted(tmp_path.rglob("*"))

    def refused() -> None:
        with made.withdrawn_on_failure(run / "data"):
            made.embedded_questions(run / "data", 0)
            raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        refused()
    assert sorted(tmp_path.rglob("*")) == before
    with made.withdrawn_on_failure(run / "data"):
        made.embedded_questions(run / "data", 0)
    assert (run / "data" / "train" / "questions.jsonl").is_file()
