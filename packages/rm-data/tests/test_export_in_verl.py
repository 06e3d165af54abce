"""The parquet for verl, read by verl's own dataset, where verl is installed (`.ci/trainers`)."""

from __future__ import annotations

import io
import os
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from rm_data import ask, draw, generate
from rm_data.exporting import export
from rm_rewards import gold_answer, score
from rm_rewards.adapters import decode_question
from rm_rewards.jsonl import dump, read_network, write

EXPECTED = "verl" in os.environ.get("RM_EXPECT_TRAINERS", "").split()
pytestmark = [
    pytest.mark.skipif(
        find_spec("verl") is None and not EXPECTED, reason="verl is not installed (.ci/trainers)"
    ),
    pytest.mark.filterwarnings("default"),  # of verl and what it imports
]


@pytest.mark.parametrize("images", ["path", "embed"])
def test_verl_shows_the_picture_with_the_question_and_keeps_the_label(
    tmp_path: Path, images: str
) -> None:
    omegaconf: Any = import_module("omegaconf")  # comes with verl
    datasets: Any = import_module("verl.utils.dataset.rl_dataset")
    network = generate(1)
    (tmp_path / "map.json").write_text(dump(network), encoding="utf-8")
    draw(network).save(tmp_path / "map.png")
    asked = list(ask(network, per_map=2, figure="map.png", network_path="map.json"))
    write(asked, tmp_path / "q.jsonl")
    export([tmp_path / "q.jsonl"], "verl", tmp_path / "out", images=images)
    config = {"filter_overlong_prompts": False, "cache_dir": str(tmp_path / "cache")}
    rows: Any = datasets.RLHFDataset(
        data_files=str(tmp_path / "out/train.parquet"),
        tokenizer=None,
        processor=object(),  # it asks whether there is one before it looks for pictures
        config=omegaconf.OmegaConf.create(config),
    )
    assert len(rows) == len(asked)
    for row, question in zip(rows, asked, strict=True):
        (turn,) = row["raw_prompt"]
        shown, text = turn["content"]
        assert text == {"type": "text", "text": question.question}
        content = io.BytesIO(shown["bytes"]) if images == "embed" else shown["image"][7:]
        with Image.open(content) as picture, Image.open(tmp_path / "map.png") as expected:
            assert picture.tobytes() == expected.tobytes()
        labelled = decode_question(row["reward_model"]["ground_truth"])
        known = read_network(labelled.network or "")
        assert score(labelled, gold_answer(question), network=known).correct
