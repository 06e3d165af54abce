"""A real, tiny vision-language model that has learned one thing: to answer by the map's colour."""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import pytest
import torch
from PIL import Image
from tokenizers import pre_tokenizers
from transformers import (
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2Tokenizer,
)
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from rm_eval.image_only import Qwen2_5_VLProcessor
from rm_eval.journal import Batch
from rm_eval.manifest import Data, Manifest, Model, Settings
from rm_rewards import Completion, Question, jsonl, score_completion


def _share(name: str) -> None:
    """Let the tests import a module beside them, which `--import-mode=importlib` keeps apart."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


_share("benchmark_files")
_share("browser")
_share("chat_server")
_share("choice_runs")

SPECIAL: Final = [
    *("<|im_start|>", "<|vision_start|>", "<|vision_end|>"),
    *("<|vision_pad|>", "<|image_pad|>", "<|video_pad|>"),
]
TEMPLATE: Final = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
COLOURS: Final = {1: (220, 30, 30), 2: (30, 160, 60), 3: (40, 70, 220), 4: (240, 220, 40)}
"""The number of lines that a picture of that colour stands for."""

TEXT: Final = "How many lines?"


@dataclass(frozen=True, slots=True)
class TinyModel:
    """A folder with a model that answers `TEXT` by `COLOURS`."""

    folder: Path


def picture(lines: int, size: tuple[int, int] = (56, 56)) -> Image.Image:
    return Image.new("RGB", size, COLOURS[lines])


def _processor() -> Qwen2_5_VLProcessor:
    tokenizer = Qwen2Tokenizer(
        vocab={letter: i for i, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))},
        merges=[],
        unk_token=cast("Any", None),
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=SPECIAL,
    )
    pictures = Qwen2VLImageProcessorPil(min_pixels=56 * 56, max_pixels=112 * 112)
    return Qwen2_5_VLProcessor(pictures, tokenizer, TEMPLATE)


def _model(tokenizer: Any) -> Qwen2_5_VLForConditionalGeneration:  # noqa: ANN401
    ids = {token: int(tokenizer.convert_tokens_to_ids(token)) for token in SPECIAL}
    text: dict[str, Any] = {
        "vocab_size": len(tokenizer),
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "initializer_range": 0.1,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 3, 3]},
        "bos_token_id": None,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    vision = {"depth": 1, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2}
    config = Qwen2_5_VLConfig(
        text_config=text,
        vision_config={
            **vision,
            "out_hidden_size": 64,
            "fullatt_block_indexes": [0],
            "initializer_range": 0.1,
        },
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=True,
        dtype="float32",
    )
    return Qwen2_5_VLForConditionalGeneration(config)


def _teach(model: Any, processor: Any, steps: int) -> float:  # noqa: ANN401
    turn = [{"type": "image"}, {"type": "text", "text": TEXT}]
    asked = processor.apply_chat_template(
        [{"role": "user", "content": turn}], tokenize=False, add_generation_prompt=True
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    batch = processor(
        text=[f"{asked}\\boxed{{{n}}}<|im_end|>" for n in COLOURS],
        images=[[picture(n)] for n in COLOURS],
        return_tensors="pt",
    )
    labels = batch["input_ids"].clone()
    labels[:, : -len("\\boxed{1}") - 1] = -100
    loss = torch.tensor(0.0)
    for _ in range(steps):
        loss = model(**batch, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return float(loss.detach())


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyModel:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("tiny")
    processor = _processor()
    model = _model(cast("Any", processor).tokenizer)
    assert _teach(model, processor, steps=60) < 0.05
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return TinyModel(folder)


Rows = list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Maps:
    """A folder of one-coloured maps and questions about them."""

    folder: Path

    def row(self, place: int, lines: int, **changes: object) -> dict[str, object]:
        return {
            "id": f"q{place}",
            "type": "Counting2",
            "question": TEXT,
            "answer": lines,
            "figure": f"maps/{lines}.png",
            "city": f"city{lines}",
            "difficulty_city": ("easy", "middle", "hard")[place % 3],
            **changes,
        }

    def twelve(self) -> Rows:
        """Counting questions: eight with the right answer on file, then four with a wrong one."""
        answers = [(place % 4 + 1, (place + (place >= 8)) % 4 + 1) for place in range(12)]
        return [self.row(i, lines, answer=answer) for i, (lines, answer) in enumerate(answers)]

    def write(self, rows: Rows | None = None, name: str = "questions.jsonl") -> Path:
        (self.folder / "maps").mkdir(parents=True, exist_ok=True)
        for lines in COLOURS:
            picture(lines).save(self.folder / "maps" / f"{lines}.png")
        file = self.folder / name
        text = "".join(json.dumps(row) + "\n" for row in rows or self.twelve())
        file.write_text(text, "utf-8")
        return file


@dataclass(frozen=True, slots=True)
class FinishedRuns:
    """Run folders as `bench` leaves them, written without a model."""

    folder: Path

    def write(self, name: str, replies: list[tuple[Question, str]]) -> Path:
        """A run in which these questions got these replies; pictures lie in `folder/maps`."""
        run = self.folder / name
        run.mkdir(parents=True)
        questions = [question for question, _ in replies]
        done = [Completion(question_id=q.id, text=text, tokens=3) for q, text in replies]
        rewards = [score_completion(q, one) for q, one in zip(questions, done, strict=True)]
        for records, file in (
            (questions, "questions"),
            (done, "completions"),
            (rewards, "rewards"),
        ):
            jsonl.write(records, run / f"{file}.jsonl")
        batch = Batch(questions=len(done), seconds=1.0, visual_tokens=(4,) * len(done))
        jsonl.write([batch], run / "batches.jsonl")
        Manifest(
            model=Model(path="model", weights={}, files={}, repetition_penalty=1.0),
            data=Data(file="q", questions=len(done), fingerprint="f", pictures="p"),
            settings=Settings(),
            reward_version="rewardmap-1",
            versions={},
        ).write(run)
        return run


@pytest.fixture
def finished(tmp_path: Path) -> FinishedRuns:
    return FinishedRuns(tmp_path / "runs")


@pytest.fixture
def maps(tmp_path: Path) -> Maps:
    return Maps(tmp_path / "data")
