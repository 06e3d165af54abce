from __future__ import annotations

import importlib.resources
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias, cast

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import (
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2Tokenizer,
)
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from rm_data import ask, draw, generate
from rm_eval import load_processor
from rm_rewards import PLANNING, Question, jsonl
from rm_train import TrainConfig, resolve
from rm_train.training import train_on_gold

sys.path.append(str(Path(__file__).parent))  # modules beside tests: importlib mode hides them

MakeConfig: TypeAlias = Callable[..., TrainConfig]

SPECIAL = ["<|im_start|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
TEMPLATE = importlib.resources.files("trl") / "chat_templates" / "qwen2_5_vl.jinja"


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def tiny_tokenizer() -> Qwen2Tokenizer:
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bytes_only = Tokenizer(models.BPE())
    trainer = trainers.BpeTrainer(vocab_size=256, initial_alphabet=alphabet, show_progress=False)
    bytes_only.train_from_iterator([], trainer)
    return Qwen2Tokenizer(
        vocab=bytes_only.get_vocab(),
        merges=[],
        unk_token=cast("Any", None),
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=SPECIAL,
        chat_template=TEMPLATE.read_text(encoding="utf-8"),
    )


def tiny_config(tokenizer: Qwen2Tokenizer) -> Qwen2_5_VLConfig:
    number = cast("Any", tokenizer).convert_tokens_to_ids
    text: dict[str, Any] = {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "initializer_range": 0.1,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 3, 3]},
        "bos_token_id": number("<|endoftext|>"),
        "eos_token_id": number("<|im_end|>"),
        "pad_token_id": number("<|endoftext|>"),
    }
    vision: dict[str, Any] = {"depth": 1, "hidden_size": 32, "intermediate_size": 64}
    vision |= {"num_heads": 2, "out_hidden_size": 32, "fullatt_block_indexes": [0]}
    return Qwen2_5_VLConfig(
        text_config=text,
        vision_config={**vision, "initializer_range": 0.1},
        image_token_id=number("<|image_pad|>"),
        video_token_id=number("<|video_pad|>"),
        vision_start_token_id=number("<|vision_start|>"),
        vision_end_token_id=number("<|vision_end|>"),
        tie_word_embeddings=True,
        dtype="float32",
    )


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tiny")
    tokenizer = tiny_tokenizer()
    torch.manual_seed(0)
    Qwen2_5_VLForConditionalGeneration(tiny_config(tokenizer)).save_pretrained(place)
    tokenizer.save_pretrained(place)
    Qwen2VLImageProcessorPil(min_pixels=56 * 56, max_pixels=56 * 56).save_pretrained(place)
    assert cast("Any", load_processor(place)).chat_template
    return place


@pytest.fixture(scope="session")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("questions")
    per_map = {"TorF1": 1, "TorF2": 2, "Counting1": 1, "Counting2": 1, "planning": 2}
    made: list[Question] = []
    for seed in range(5):
        network = generate(seed, style="compact")
        picture, file = f"{network.city}.png", f"{network.city}.json"
        draw(network, style="compact", seed=seed).save(place / picture)
        (place / file).write_text(jsonl.dump(network) + "\n", encoding="utf-8")
        made += ask(network, seed=seed, per_map=per_map, figure=picture, network_path=file)
    jsonl.write(made, place / "questions.jsonl")
    return place / "questions.jsonl"


@pytest.fixture(scope="session")
def short_questions(questions: Path) -> Path:
    """Those with a short answer: nine bytes or so, which a tiny model soon writes."""
    found = [q for q in jsonl.read(Question, questions) if q.type != PLANNING]
    jsonl.write(found, questions.parent / "short.jsonl")
    return questions.parent / "short.jsonl"


@pytest.fixture(scope="session")
def schooled_model(
    tiny_model: Path, short_questions: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The tiny model after a warm-up: it writes boxes, so rewards differ from reply to reply."""
    settings: dict[str, object] = {
        "model": str(tiny_model),
        "questions": str(short_questions),
        "out": str(tmp_path_factory.mktemp("school") / "run"),
        "sft.steps": 80,
        "sft.batch": 8,
        "sft.lr": 1e-2,
    }
    return train_on_gold(resolve("embedded", overrides=settings))


@pytest.fixture
def make_config(schooled_model: Path, short_questions: Path, tmp_path: Path) -> MakeConfig:
    def make(**overrides: object) -> TrainConfig:
        settings: dict[str, object] = {
            "model": str(schooled_model),
            "questions": str(short_questions),
            "out": str(tmp_path / "run"),
            "prompts_per_step": 2,
            "num_generations": 4,
            "max_completion_length": 12,
            "max_steps": 4,
            "save_steps": 2,
            "lr": 1e-3,
        }
        return resolve("embedded", overrides={**settings, **overrides})

    return make
