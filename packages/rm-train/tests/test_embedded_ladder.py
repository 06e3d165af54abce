from __future__ import annotations

import random
from collections.abc import Mapping
from typing import cast

import pytest
import torch

from rm_eval import load_policy
from rm_train.embedded import checkpoint_path
from rm_train.embedded.form import Form, blind_routes
from rm_train.embedded.lessons import SchoolMap, school_map
from rm_train.embedded.model import build_model
from rm_train.embedded.reading import Model, Reading, picture_tokens
from rm_train.embedded.stage import GateError, Stage, train
from rm_train.embedded.tokenizer import build_tokenizer

UNSEEN = 3_000_000


@pytest.fixture(scope="module")
def maps() -> list[SchoolMap]:
    return [school_map(UNSEEN + number) for number in range(40)]


def test_blind_routes_have_the_published_form_and_are_right_by_chance_only(
    maps: list[SchoolMap],
) -> None:
    rng = random.Random(0)
    right = 0
    for school in maps:
        gold = {lesson.prompt: lesson.answer for lesson in school.lessons}
        stations = {letter for letter in school.letters if letter}
        lines = {name for at in school.lines for name in at}
        for lesson in blind_routes(school, rng, 10):
            legs = [leg.splitlines() for leg in lesson.answer.split("\n--\n")]
            assert len(legs) in (1, 2)
            named = [[line.split(": ") for line in leg] for leg in legs]
            for leg in named:
                assert [label for label, _ in leg] == [
                    "Route Name",
                    "Departure Stop",
                    "Arrival Stop",
                ]
                assert leg[0][1] in lines
                assert {leg[1][1], leg[2][1]} <= stations
            if len(legs) == 2:
                assert named[0][2][1] == named[1][1][1]
            right += lesson.answer == gold[lesson.prompt]
    assert right <= 8  # of 400


def test_form_is_told_from_content(maps: list[SchoolMap]) -> None:
    form = Form(build_tokenizer())
    shipped = cast("Model", load_policy(checkpoint_path()).model)
    assert form.measure(shipped, maps)["form"] > 0.98
    assert form.measure(build_model(0), maps)["form"] < 0.3


def reading_stage(model: Model, exam: list[SchoolMap], seen: list[int]) -> Stage:
    reading = Reading(build_tokenizer())

    def look() -> Mapping[str, float]:
        seen.append(1)
        return {"letters": len(seen) / 10}

    return Stage(
        name="reading",
        loss=lambda maps: reading.loss(model, picture_tokens(model, maps), maps),
        measure=lambda: reading.measure(model, exam),
        gates={"letters": 2.0},
        every=10,
        most=20,
        rungs={"first": {"letters": 0.2}, "never": {"letters": 0.9}},
        look=look,
    )


def test_rungs_are_kept_once_and_looking_for_them_changes_nothing(maps: list[SchoolMap]) -> None:
    weights: list[dict[str, torch.Tensor]] = []
    kept: list[str] = []

    def keep_name(name: str, _model: Model) -> None:
        kept.append(name)

    for keep in (None, keep_name):
        model, seen = build_model(1), list[int]()
        with pytest.raises(GateError, match="within 20 steps"):
            train(model, reading_stage(model, maps[:5], seen), maps, random.Random(0), keep)
        weights.append(dict(model.state_dict()))
        assert len(seen) == (4 if keep else 0)  # every five steps
    assert kept == ["first"]
    assert all(bool((weights[0][name] == weights[1][name]).all()) for name in weights[0])
