import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import pytest
from PIL import Image

from rm_data import STYLES, ask, draw, generate
from rm_rewards import QUESTION_TYPES, Question, jsonl

Measure: TypeAlias = Callable[..., Any]
CITIES = [generate(seed, style="named") for seed in range(5)]
PER_MAP = 10
DRAWN_LARGER = 4


@pytest.mark.parametrize("kind", QUESTION_TYPES)
def test_asking_beside_reading_the_same_lines(measure: Measure, kind: str) -> None:
    def work() -> list[Question]:
        return [
            question
            for seed, city in enumerate(CITIES)
            for question in ask(replace(city), kind, seed, per_map=PER_MAP)  # nothing remembered
        ]

    lines = [jsonl.dump(question) for question in work()]
    made = measure(
        work,
        count=len(lines),
        unit="questions",
        baseline=lambda: [json.loads(line) for line in lines],
        named="json.loads of the questions",
    )
    assert [jsonl.dump(question) for question in made] == lines


@pytest.mark.parametrize("style", STYLES)
def test_drawing_beside_an_empty_picture(measure: Measure, style: str) -> None:
    network = generate(0, style=style)
    size = draw(network, style=style).size

    def empty() -> Image.Image:
        larger = Image.new("RGB", (size[0] * DRAWN_LARGER, size[1] * DRAWN_LARGER), "white")
        return larger.resize(size, Image.Resampling.BOX)

    picture = measure(
        lambda: draw(network, style=style),
        count=1,
        unit="pictures",
        baseline=empty,
        named="an empty picture, drawn larger and reduced in the same way",
    )
    assert picture.size == empty().size
    assert picture.tobytes() != empty().tobytes()
