from __future__ import annotations

import importlib.resources
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from PIL import Image
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import (
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen2Tokenizer,
)
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from rm_eval.image_only import Qwen2_5_VLProcessor
from rm_eval.policy import PolicyError, load_policy, load_processor

SPECIAL = ["<|im_start|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
MESSAGES = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Which?"}]}]


def _tokenizer() -> Qwen2Tokenizer:
    bytes_only = Tokenizer(models.BPE())
    cast("Any", bytes_only).pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=256, initial_alphabet=alphabet, show_progress=False)
    bytes_only.train_from_iterator([], trainer)
    return Qwen2Tokenizer(
        vocab=bytes_only.get_vocab(),
        merges=[],
        unk_token=cast("Any", None),
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=SPECIAL,
    )


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("model")
    tokenizer = _tokenizer()
    ids = {token: int(cast("Any", tokenizer).convert_tokens_to_ids(token)) for token in SPECIAL}
    text: dict[str, Any] = {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 3, 3]},
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    vision = {"depth": 1, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2}
    config = Qwen2_5_VLConfig(
        text_config=text,
        vision_config={**vision, "out_hidden_size": 32, "fullatt_block_indexes": [0]},
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=True,
        dtype="float32",
    )
    torch.manual_seed(0)
    Qwen2_5_VLForConditionalGeneration(config).save_pretrained(place)
    template = importlib.resources.files("trl") / "chat_templates" / "qwen2_5_vl.jinja"
    pictures = Qwen2VLImageProcessorPil(min_pixels=56 * 56, max_pixels=112 * 112)
    Qwen2_5_VLProcessor(pictures, tokenizer, template.read_text()).save_pretrained(place)
    return place


def test_a_folder_answers_a_question_about_a_picture(folder: Path) -> None:
    policy = load_policy(folder)
    processor = cast("Any", policy.processor)
    text = processor.apply_chat_template(MESSAGES, tokenize=False, add_generation_prompt=True)
    batch = processor(images=[Image.new("RGB", (112, 112))], text=[text], return_tensors="pt")
    assert int((batch["input_ids"] == processor.image_token_id).sum()) == 16
    reply = cast("Any", policy.model).generate(**batch, max_new_tokens=2, do_sample=False)
    assert reply.shape[1] > batch["input_ids"].shape[1]
    assert not policy.model.training


def test_what_is_saved_loads_again_with_the_same_numbers(folder: Path, tmp_path: Path) -> None:
    first = load_policy(folder)
    first.model.save_pretrained(tmp_path)
    cast("Any", first.processor).save_pretrained(tmp_path)
    second = load_policy(str(tmp_path))
    old, new = first.model.state_dict(), second.model.state_dict()
    assert all(torch.equal(value, new[name]) for name, value in old.items())
    assert json.loads((tmp_path / "processor_config.json").read_bytes())["processor_class"] == (
        "Qwen2_5_VLProcessor"
    )


def test_pixel_limits_set_the_number_of_picture_tokens(folder: Path) -> None:
    for side, tokens in ((56, 4), (112, 16)):
        processor = cast("Any", load_processor(folder, min_pixels=3136, max_pixels=side * side))
        text = processor.apply_chat_template(MESSAGES, tokenize=False)
        batch = processor(images=[Image.new("RGB", (448, 448))], text=[text])
        assert batch["input_ids"][0].count(processor.image_token_id) == tokens
    with pytest.raises(PolicyError, match="found 200 and 100, expected 0 < min_pixels"):
        load_processor(folder, min_pixels=200, max_pixels=100)


@pytest.mark.parametrize("kind", ["pt", "np", None])
def test_a_picture_that_stands_there_twice_gives_what_two_equal_ones_give(
    folder: Path, kind: str | None
) -> None:
    processor = cast("Any", load_processor(folder))
    one, two = Image.effect_noise((112, 84), 90).convert("RGB"), Image.new("RGB", (56, 56))
    text = processor.apply_chat_template(MESSAGES, tokenize=False)
    shared = processor(
        images=[[one], [two], [one]], text=[text] * 3, return_tensors=kind, padding=True
    )
    apart = processor(
        images=[[one], [two], [one.copy()]], text=[text] * 3, return_tensors=kind, padding=True
    )
    assert torch.equal(
        torch.as_tensor(shared["pixel_values"]), torch.as_tensor(apart["pixel_values"])
    )
    assert [list(row) for row in shared["image_grid_thw"]] == [
        list(row) for row in apart["image_grid_thw"]
    ]
    assert [list(ids) for ids in shared["input_ids"]] == [list(ids) for ids in apart["input_ids"]]


def test_a_folder_in_the_layout_of_the_hub_loads(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "hub")
    nested = json.loads((tmp_path / "hub" / "processor_config.json").read_bytes())
    (tmp_path / "hub" / "processor_config.json").unlink()
    old = {**nested["image_processor"], "processor_class": "Qwen2_5_VLProcessor"}
    old["image_processor_type"] = "Qwen2VLImageProcessor"
    (tmp_path / "hub" / "preprocessor_config.json").write_text(json.dumps(old))
    assert cast("Any", load_processor(tmp_path / "hub")).image_processor.size["longest_edge"] == (
        112 * 112
    )


def _truncate(place: Path) -> None:
    weights = place / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])


def _break_config(place: Path) -> None:
    (place / "config.json").write_text("{")


def _without(*names: str) -> Callable[[Path], None]:
    def remove(place: Path) -> None:
        for name in names:
            (place / name).unlink()

    return remove


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_without("config.json"), "config.json is missing"),
        (_without("model.safetensors"), "model.safetensors is missing"),
        (_without("processor_config.json"), "processor_config.json is missing"),
        (_without("chat_template.jinja"), "chat_template.jinja is missing"),
        (_without("tokenizer.json"), "tokenizer.json is missing"),
        (_break_config, "config.json: not JSON"),
        (_truncate, "the model cannot be loaded"),
    ],
)
def test_a_broken_folder_gives_one_line_that_names_it(
    folder: Path, tmp_path: Path, damage: Callable[[Path], None], message: str
) -> None:
    shutil.copytree(folder, tmp_path / "broken")
    damage(tmp_path / "broken")
    with pytest.raises(PolicyError) as caught:
        load_policy(tmp_path / "broken")
    assert message in str(caught.value)
    assert str(tmp_path / "broken") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_text_only_model_is_refused(tmp_path: Path) -> None:
    config = Qwen2Config(
        vocab_size=300,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
    )
    Qwen2ForCausalLM(config).save_pretrained(tmp_path)
    _tokenizer().save_pretrained(tmp_path)
    with pytest.raises(PolicyError, match="model_type 'qwen2' takes no pictures"):
        load_policy(tmp_path)


@pytest.mark.parametrize("place", ["/nowhere/model", "./missing", "missing"])
def test_a_folder_that_is_not_there_is_named(place: str) -> None:
    with pytest.raises(PolicyError, match=f"{place}: no such folder"):
        load_policy(place)


def test_importing_the_module_loads_no_torch() -> None:
    code = "import sys, rm_eval.policy; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
