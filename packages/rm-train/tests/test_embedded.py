import random
import unicodedata
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor
from typer.testing import CliRunner

from rm_eval import load_policy, load_processor
from rm_rewards import Leg, route_text
from rm_train.embedded import checkpoint_path, make
from rm_train.embedded.answering import Answering
from rm_train.embedded.lessons import Lesson, SchoolMap, school_map
from rm_train.embedded.model import build_model, save_policy
from rm_train.embedded.packing import Packer
from rm_train.embedded.reading import Model, Reading, patches, picture_tokens
from rm_train.embedded.stage import Stage, train
from rm_train.embedded.tokenizer import build_tokenizer

UNSEEN = 2_000_000
TOKENIZER = build_tokenizer()


def encode(text: str) -> list[int]:
    return cast("Any", TOKENIZER)(text).input_ids


@pytest.fixture(scope="module")
def shipped() -> Model:
    return cast("Model", load_policy(checkpoint_path()).model)


@pytest.fixture(scope="module")
def unseen() -> list[SchoolMap]:
    return [school_map(UNSEEN + number) for number in range(80)]


@given(st.text())
def test_any_text_comes_back_from_its_tokens(text: str) -> None:
    assert TOKENIZER.decode(encode(text)) == unicodedata.normalize("NFC", text)  # as Qwen's does


@pytest.mark.parametrize(
    ("kind", "prompt_tokens"),
    [("TorF1", 5), ("TorF2", 5), ("Counting2", 3), ("Counting3", 1), ("planning1", 5)],
)
def test_a_published_prompt_is_a_handful_of_tokens(
    kind: str, prompt_tokens: int, unseen: list[SchoolMap]
) -> None:
    lesson = next(x for m in unseen for x in m.lessons if x.kind == kind)
    assert len(encode(lesson.prompt)) == prompt_tokens


def test_a_two_leg_route_is_fourteen_tokens_with_its_end() -> None:
    legs = (
        Leg(route_name="Red Line", departure_stop="A", arrival_stop="C"),
        Leg(route_name="Blue Line", departure_stop="C", arrival_stop="B"),
    )
    assert len(encode(route_text(legs) + "<|im_end|>")) == 14


def test_the_shipped_folder_is_what_the_code_describes(tmp_path: Path) -> None:
    save_policy(build_model(0), tmp_path)
    for name in ("tokenizer.json", "chat_template.jinja", "preprocessor_config.json"):
        assert (checkpoint_path() / name).read_text() == (tmp_path / name).read_text(), name


def test_patches_are_those_of_the_real_processor(unseen: list[SchoolMap]) -> None:
    pictures = [m.picture for m in unseen[:3]]
    images = cast("Any", load_processor(checkpoint_path())).image_processor
    real = images([Image.fromarray(p) for p in pictures], return_tensors="pt")["pixel_values"]
    assert torch.allclose(patches(np.stack(pictures)), real, atol=1e-5)


def test_packed_lessons_score_as_single_questions_do(
    shipped: Model, unseen: list[SchoolMap]
) -> None:
    maps = unseen[:2]
    lessons = [list(maps[0].lessons[:5]), list(maps[1].lessons[5:13])]
    answering = Answering(TOKENIZER)
    with torch.no_grad():
        seen = answering.forward(shipped, maps, lessons)
        scores, tokens = answering.scores(shipped, seen)
    owner = owners(seen.packed.answer, seen.packed.lesson)
    for row, (school, of_map) in enumerate(zip(maps, lessons, strict=True)):
        for number, lesson in enumerate(of_map):
            mine = torch.tensor([pair == (row, number) for pair in owner])
            single, answer = alone(shipped, school, lesson)
            assert tokens[mine].tolist() == answer
            assert torch.allclose(scores[mine], single, atol=1e-4)


def owners(answer: Tensor, lesson: Tensor) -> list[tuple[int, int]]:
    rows, columns = answer[:, 1:].nonzero(as_tuple=True)
    pairs: list[list[int]] = cast("Any", torch.stack((rows, lesson[rows, columns + 1]), 1)).tolist()
    return [(row, number) for row, number in pairs]


def alone(model: Model, school: SchoolMap, lesson: Lesson) -> tuple[Tensor, list[int]]:
    """The stock model through the stock processor and chat template."""
    processor = cast("Any", load_processor(checkpoint_path()))
    content = [{"type": "image"}, {"type": "text", "text": lesson.prompt}]
    asked: str = processor.apply_chat_template(
        [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
    )
    answer = encode(lesson.answer + "<|im_end|>")
    batch = processor(
        text=[asked + lesson.answer + "<|im_end|>"],
        images=[Image.fromarray(school.picture)],
        return_tensors="pt",
    )
    with torch.no_grad():
        scores: Tensor = model(**batch).logits[0]
    return scores[-len(answer) - 1 : -1], answer


def test_a_change_in_one_lesson_does_not_reach_another(unseen: list[SchoolMap]) -> None:
    packed = Packer(TOKENIZER)([unseen[0].lessons[:3]])
    sees = packed.attention()[0, 0]
    lesson = packed.lesson[0]
    for own in (0, 1, 2):
        for other in (0, 1, 2):
            block = sees[lesson == own][:, lesson == other]
            assert bool(block.any()) == (own == other)


def test_the_shipped_model_reads_unseen_maps_and_plans_weakly(
    shipped: Model, unseen: list[SchoolMap]
) -> None:
    reading = Reading(TOKENIZER).measure(shipped, unseen)
    answers = Answering(TOKENIZER).measure(shipped, unseen)
    assert reading["letters"] > 0.97
    assert reading["lines"] > 0.9
    assert min(answers[kind] for kind in ("TorF1", "TorF2", "Counting2", "Counting3")) > 0.9
    assert 0.1 < answers["planning1"] < 0.5


def test_a_blank_picture_takes_the_reading_away(shipped: Model, unseen: list[SchoolMap]) -> None:
    blank = [SchoolMap(np.full_like(m.picture, 255), m.letters, m.lines, m.lessons) for m in unseen]
    answers = Answering(TOKENIZER).measure(shipped, blank)
    assert answers["planning1"] < 0.05
    assert answers["TorF1"] < 0.7


def test_the_reading_stage_teaches_letters_within_a_hundred_steps() -> None:
    pool = [school_map(UNSEEN + 1000 + number) for number in range(300)]
    exam = [school_map(UNSEEN + 5000 + number) for number in range(30)]
    model, reading = build_model(3), Reading(TOKENIZER)
    stage = Stage(
        name="reading",
        loss=lambda maps: reading.loss(model, picture_tokens(model, maps), maps),
        measure=lambda: reading.measure(model, exam),
        gates={"letters": 0.7},
        every=25,
        most=100,
    )
    train(model, stage, pool, random.Random(0))
    assert reading.measure(model, exam)["letters"] >= 0.7


def test_a_stage_that_misses_its_gates_fails_with_one_line_and_leaves_no_folder(
    tmp_path: Path,
) -> None:
    out = tmp_path / "never"
    result = CliRunner().invoke(
        make.app, ["--out", str(out), "--maps", "32", "--patience", "0.001"]
    )
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == (
        "error: reading: not {'letters': 0.98, 'lines': 0.96} within 3 steps; try another --seed"
    )
    assert not out.exists()
