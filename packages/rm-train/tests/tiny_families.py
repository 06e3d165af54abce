"""Tiny random models of other architectures, each with a tokenizer that knows whole answers."""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import PreTrainedModel, Qwen2Tokenizer
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil
from transformers.models.llava_onevision.image_processing_pil_llava_onevision import (
    LlavaOnevisionImageProcessorPil,
)
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.smolvlm.image_processing_pil_smolvlm import SmolVLMImageProcessorPil

Made: TypeAlias = tuple[PreTrainedModel, Any, Any, Mapping[str, object]]
"""Model, tokenizer, image processor, and what else stands in processor_config.json."""

ANSWERS: Final = (r"\boxed{yes}", r"\boxed{no}")
_QWEN: Final = ["<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
_TILES: Final = ["<fake_token_around_image>", "<global-img>"] + [
    f"<row_{row}_col_{column}>" for row in (1, 2) for column in (1, 2)
]
_CHATML: Final = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% if m['content'] is string %}"
    "{{ m['content'] }}{% else %}{% for part in m['content'] %}{% if part['type'] == 'image' %}"
    "PICTURE\n{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""The shape of prompts that InternVL and LLaVA-OneVision share."""


@dataclass(frozen=True, slots=True)
class Family:
    """How to make one, and the layers that its presets give an adapter."""

    make: Callable[[], Made]
    preset: str
    projector: str
    """A piece of the name of a layer between pictures and text."""

    def write(self, folder: Path) -> None:
        """Write a folder in the layout of the hub."""
        model, tokenizer, pictures, settings = self.make()
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        pictures.save_pretrained(folder)
        (folder / "processor_config.json").write_text(json.dumps(dict(settings)), encoding="utf-8")


def _tokenizer(special: list[str], template: str, eos: str = "<|im_end|>") -> Any:  # noqa: ANN401
    bytes_only = Tokenizer(models.BPE())
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=256, initial_alphabet=alphabet, show_progress=False)
    bytes_only.train_from_iterator([], trainer)
    tokenizer = Qwen2Tokenizer(
        vocab=bytes_only.get_vocab(),
        merges=[],
        unk_token=cast("Any", None),
        eos_token=eos,
        pad_token="<|endoftext|>",
        additional_special_tokens=["<|im_start|>", *special],
        chat_template=template,
    )
    tokenizer.add_tokens(list(ANSWERS))
    return cast("Any", tokenizer)


def _template(name: str) -> str:
    return (importlib.resources.files("trl") / "chat_templates" / name).read_text(encoding="utf-8")


def _text(tokenizer: Any, **more: object) -> dict[str, Any]:  # noqa: ANN401
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "head_dim": 16}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 2048}
    ids = {"bos_token_id": tokenizer.pad_token_id, "eos_token_id": tokenizer.eos_token_id}
    ids |= {"pad_token_id": tokenizer.pad_token_id, "vocab_size": len(tokenizer)}
    return {**sizes, **heads, **ids, "initializer_range": 0.1, **more}


def _siglip(**more: object) -> dict[str, Any]:
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1}
    return {**sizes, "num_attention_heads": 2, "image_size": 28, "patch_size": 14, **more}


def _qwen(kind: str, vision: Mapping[str, object], pictures: Any, template: str) -> Made:  # noqa: ANN401
    tokenizer = _tokenizer(_QWEN, _template(template))
    number = tokenizer.convert_tokens_to_ids
    rope = {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 3, 3]}
    config = getattr(transformers, f"{kind}Config")(
        text_config=_text(tokenizer, rope_parameters=rope),
        vision_config={"depth": 1, "num_heads": 2, "initializer_range": 0.1, **vision},
        image_token_id=number("<|image_pad|>"),
        video_token_id=number("<|video_pad|>"),
        vision_start_token_id=number("<|vision_start|>"),
        vision_end_token_id=number("<|vision_end|>"),
        tie_word_embeddings=True,
        dtype="float32",
    )
    model = getattr(transformers, f"{kind}ForConditionalGeneration")(config)
    return model, tokenizer, pictures, {"processor_class": f"{kind}Processor"}


def _qwen2_vl() -> Made:
    pictures = Qwen2VLImageProcessorPil(min_pixels=56 * 56, max_pixels=56 * 56)
    vision = {"embed_dim": 32, "hidden_size": 32, "mlp_ratio": 2}
    return _qwen("Qwen2VL", vision, pictures, "qwen2_5_vl.jinja")


def _qwen2_5_vl() -> Made:
    pictures = Qwen2VLImageProcessorPil(min_pixels=56 * 56, max_pixels=56 * 56)
    vision = {"hidden_size": 32, "intermediate_size": 64, "out_hidden_size": 32}
    vision |= {"fullatt_block_indexes": [0]}
    return _qwen("Qwen2_5_VL", vision, pictures, "qwen2_5_vl.jinja")


def _qwen3_vl() -> Made:
    pictures = Qwen2VLImageProcessorPil(patch_size=16, min_pixels=64 * 64, max_pixels=64 * 64)
    vision = {"hidden_size": 32, "intermediate_size": 64, "out_hidden_size": 32}
    vision |= {"deepstack_visual_indexes": [0], "num_position_embeddings": 16}
    return _qwen("Qwen3VL", vision, pictures, "qwen3_vl.jinja")


def _internvl() -> Made:
    marks = {"start_image_token": "<img>", "end_image_token": "</img>"}
    marks |= {"context_image_token": "<IMG_CONTEXT>", "video_token": "<video>"}
    tokenizer = _tokenizer(list(marks.values()), _CHATML.replace("PICTURE", "<IMG_CONTEXT>"))
    for name, token in marks.items():  # the names by which the published tokenizers know them
        tokenizer._set_model_specific_special_tokens({name: token})
    config = transformers.InternVLConfig(
        text_config={"model_type": "qwen2", **_text(tokenizer)},
        vision_config=_siglip(image_size=(28, 28), patch_size=(14, 14)),
        image_token_id=tokenizer.convert_tokens_to_ids("<IMG_CONTEXT>"),
        image_seq_length=1,
        tie_word_embeddings=True,
        dtype="float32",
    )
    side = {"height": 28, "width": 28}
    pictures = GotOcr2ImageProcessorPil(size=side, crop_to_patches=True, max_patches=2)
    model = transformers.InternVLForConditionalGeneration(config)
    settings = {"processor_class": "InternVLProcessor", "image_seq_length": 1}
    return model, tokenizer, pictures, settings


def _llava_onevision() -> Made:
    tokenizer = _tokenizer(["<image>", "<video>"], _CHATML.replace("PICTURE", "<image>"))
    grid = [[28, 28], [28, 56], [56, 28]]
    vision = _siglip(model_type="siglip_vision_model", vision_use_head=False)
    config = transformers.LlavaOnevisionConfig(
        text_config={"model_type": "qwen2", **_text(tokenizer)},
        vision_config=vision,
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        video_token_index=tokenizer.convert_tokens_to_ids("<video>"),
        image_grid_pinpoints=grid,
        tie_word_embeddings=True,
        dtype="float32",
    )
    side = {"height": 28, "width": 28}
    pictures = LlavaOnevisionImageProcessorPil(size=side, image_grid_pinpoints=grid)
    model = transformers.LlavaOnevisionForConditionalGeneration(config)
    settings = {"processor_class": "LlavaOnevisionProcessor", "num_image_tokens": 4}
    return model, tokenizer, pictures, {**settings, "vision_feature_select_strategy": "full"}


def _tiled(kind: str, pictures: type, template: str, special: list[str]) -> Made:
    tokenizer = _tokenizer(
        ["<image>", *_TILES, *special], _template(template), eos="<end_of_utterance>"
    )
    config = getattr(transformers, f"{kind}Config")(
        text_config={"model_type": "llama", **_text(tokenizer)},
        vision_config=_siglip(),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        scale_factor=2,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        dtype="float32",
    )
    side = {"size": {"longest_edge": 56}, "max_image_size": {"longest_edge": 28}}
    settings = {"processor_class": f"{kind}Processor", "image_seq_len": 1}
    model = getattr(transformers, f"{kind}ForConditionalGeneration")(config)
    return model, tokenizer, pictures(**side), settings


def _smolvlm() -> Made:
    return _tiled("SmolVLM", SmolVLMImageProcessorPil, "smolvlm.jinja", [])


def _idefics3() -> Made:
    special = ["<|begin_of_text|>"]
    return _tiled("Idefics3", Idefics3ImageProcessorPil, "idefics3.jinja", special)


FAMILIES: Final[dict[str, Family]] = {
    "qwen2_vl": Family(_qwen2_vl, "rewardmap-qwen2.5-vl-7b-lora", "visual.merger.mlp"),
    "qwen2_5_vl": Family(_qwen2_5_vl, "rewardmap-qwen2.5-vl-7b-lora", "visual.merger.mlp"),
    "qwen3_vl": Family(_qwen3_vl, "rewardmap-qwen3-vl-8b-lora", "visual.merger.linear_fc"),
    "internvl": Family(_internvl, "rewardmap-internvl3-8b-lora", "multi_modal_projector.linear"),
    "llava_onevision": Family(
        _llava_onevision, "rewardmap-llava-onevision-7b-lora", "multi_modal_projector.linear"
    ),
    "smolvlm": Family(_smolvlm, "rewardmap-smolvlm-2.2b-lora", "connector.modality_projection"),
    "idefics3": Family(_idefics3, "rewardmap-smolvlm-2.2b-lora", "connector.modality_projection"),
}
"""By `model_type`."""
