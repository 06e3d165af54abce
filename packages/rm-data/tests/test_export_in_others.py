"""Exports read by LLaMA-Factory and by VLMEvalKit themselves, where they are installed.

Both want many packages that nothing here needs, so they are not installed by any command of this
repository: put them on the path (VLMEvalKit from its checkout) to run these tests.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd  # pyright: ignore[reportMissingTypeStubs] - has no stubs
import pytest
from PIL import Image

from rm_data import ask, draw, generate
from rm_data.exporting import export
from rm_rewards import Question
from rm_rewards.jsonl import write

pytestmark = pytest.mark.filterwarnings("default")
Made = Callable[[str, str], tuple[Path, list[Question]]]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    def export_to(form: str, images: str) -> tuple[Path, list[Question]]:
        draw(generate(1)).save(tmp_path / "map.png")
        asked = list(ask(generate(1), per_map=2, figure="map.png"))
        write(asked, tmp_path / "q.jsonl")
        export([tmp_path / "q.jsonl"], form, tmp_path / "out", images=images, title="metro")
        return tmp_path / "out", asked

    return export_to


def pixels(path: Path) -> bytes:
    with Image.open(path) as picture:
        return picture.convert("RGB").tobytes()


@pytest.mark.skipif(find_spec("llamafactory") is None, reason="LLaMA-Factory is not installed")
def test_llama_factory_reads_the_list_by_its_dataset_info(made: Made, tmp_path: Path) -> None:
    parser: Any = import_module("llamafactory.data.parser")
    loader: Any = import_module("llamafactory.data.loader")
    arguments: Any = import_module("llamafactory.hparams")
    out, asked = made("sharegpt", "path")
    (named,) = parser.get_dataset_list(["metro_train"], str(out))
    rows = loader._load_single_dataset(
        named,
        arguments.ModelArguments(model_name_or_path="none"),
        arguments.DataArguments(dataset_dir=str(out), media_dir=str(out)),
        arguments.TrainingArguments(output_dir=str(tmp_path / "none")),
    )
    for row, question in zip(rows, asked, strict=True):
        assert row["_prompt"] == [{"role": "user", "content": f"<image> {question.question}"}]
        assert row["_response"][0]["role"] == "assistant"
        (picture,) = row["_images"]
        assert pixels(Path(picture)) == pixels(tmp_path / "map.png")


@pytest.mark.skipif(find_spec("vlmeval") is None, reason="VLMEvalKit is not installed")
def test_vlmevalkit_follows_the_references_to_pictures(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LMUData", str(tmp_path / "lmu"))
    base: Any = import_module("vlmeval.dataset.image_base")
    frames: Any = pd
    out, asked = made("vlmevalkit", "embed")

    class Task(base.ImageBaseDataset):
        def load_data(self, dataset: str) -> object:
            return frames.read_csv(out / f"{dataset}.tsv", sep="\t")

        def evaluate(self) -> None:
            """Not asked for."""

    task: Any = Task("metro_train")
    assert len(task) == len(asked)
    for number, question in enumerate(asked):
        row = task[number]
        assert row["question"] == question.question
        (picture,) = task.dump_image(row)
        assert pixels(Path(picture)) == pixels(tmp_path / "map.png")
