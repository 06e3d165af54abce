"""The embedded model: Qwen2.5-VL's own architecture at 0.41 million parameters.

A 112-pixel map becomes 16 picture tokens, one for each 28-pixel cell of the `compact` style.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch
from transformers import (
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2Tokenizer,
)
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from rm_train.embedded.tokenizer import build_tokenizer

WIDTH: Final = 64


def build_model(seed: int, *, width: int = WIDTH) -> Qwen2_5_VLForConditionalGeneration:
    """The model with random weights drawn from `seed`, in float32."""
    tokenizer = build_tokenizer()
    torch.manual_seed(seed)
    return Qwen2_5_VLForConditionalGeneration(_config(tokenizer, width))


def _config(tokenizer: Qwen2Tokenizer, width: int) -> Qwen2_5_VLConfig:
    number = tokenizer.get_vocab().__getitem__
    return Qwen2_5_VLConfig(
        text_config={
            "vocab_size": len(tokenizer),
            "hidden_size": width,
            "intermediate_size": 3 * width,
            "num_hidden_layers": 3,  # two can look up, but hardly compare two stations
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "max_position_embeddings": 8192,
            "bos_token_id": number("<|endoftext|>"),
            "eos_token_id": number("<|im_end|>"),
            "pad_token_id": number("<|endoftext|>"),
            # at this width the default of 0.02 keeps the model on a plateau for hundreds of steps
            "initializer_range": 0.1,
            "tie_word_embeddings": True,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 1e4,
                "mrope_section": [2, 3, 3],
            },
        },
        vision_config={
            "depth": 2,
            "hidden_size": width,
            "intermediate_size": 2 * width,
            "num_heads": 4,
            "out_hidden_size": width,
            "patch_size": 14,
            "window_size": 112,
            "fullatt_block_indexes": [0, 1],
            "initializer_range": 0.1,
        },
        image_token_id=number("<|image_pad|>"),
        video_token_id=number("<|video_pad|>"),
        vision_start_token_id=number("<|vision_start|>"),
        vision_end_token_id=number("<|vision_end|>"),
        tie_word_embeddings=True,
        dtype="float32",
    )


def save_policy(model: Qwen2_5_VLForConditionalGeneration, folder: Path) -> None:
    """Write model, tokenizer and picture processor as an ordinary Hugging Face folder.

    Pictures from 56 x 56 up to 448 x 448 pixels keep their size (to the next multiple of 28);
    larger ones are reduced to that area.
    """
    images = Qwen2VLImageProcessorPil(
        patch_size=14,
        merge_size=2,
        temporal_patch_size=2,
        min_pixels=56 * 56,
        max_pixels=448 * 448,
    )
    model.save_pretrained(folder)
    build_tokenizer().save_pretrained(folder)
    images.save_pretrained(folder)
