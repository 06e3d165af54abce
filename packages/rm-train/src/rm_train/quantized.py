"""A model whose frozen weights are held in 4 bits, under adapters that are trained (QLoRA)."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Final, cast

import torch
from accelerate import PartialState  # pyright: ignore[reportMissingTypeStubs] - has no stubs
from transformers import AutoModelForImageTextToText, BitsAndBytesConfig

from rm_eval import Policy, PolicyError, load_processor
from rm_train.config import ConfigError, TrainConfig

_TYPES: Final = {"bfloat16": torch.bfloat16, "float32": torch.float32}


def check_quantized(device: str, *, sharded: bool) -> None:
    """Whether a model can be held in 4 bits here.

    Args:
        device: `cpu` or `cuda`.
        sharded: Whether weights are divided among processes.

    Raises:
        ConfigError: If it cannot, with what is missing.
    """
    if find_spec("bitsandbytes") is None:
        raise ConfigError(
            "quantize: found '4bit', which needs bitsandbytes; pip install bitsandbytes, or use "
            "--quantize none"
        )
    if device == "cpu":
        raise ConfigError("quantize: found '4bit', which needs a GPU; use --quantize none")
    if sharded:
        raise ConfigError(
            "quantize: found '4bit' where weights are divided among processes (FSDP, ZeRO-3); use "
            "--quantize none, or accelerate's configuration ddp"
        )


def four_bits(dtype: str) -> BitsAndBytesConfig:
    """How QLoRA (arXiv 2305.14314) holds weights: NF4, its constants quantized a second time.

    Args:
        dtype: The type in which they are multiplied.
    """
    made: Any = BitsAndBytesConfig
    return made(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=_TYPES[dtype],
    )


def load_quantized(config: TrainConfig, model: str) -> Policy:
    """The model in 4 bits on this process's device, and its processor.

    Raises:
        PolicyError: If it cannot be loaded.
    """
    processor = load_processor(
        model,
        min_pixels=config.min_pixels or None,
        max_pixels=config.max_pixels or None,
        padding_side="left",
    )
    try:
        loaded = cast("Any", AutoModelForImageTextToText).from_pretrained(
            model,
            dtype=_TYPES[config.dtype],
            quantization_config=four_bits(config.dtype),
            device_map={"": cast("Any", PartialState)().device},
        )
    except (OSError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise PolicyError(f"{model}: it cannot be loaded in 4 bits: {reason}") from error
    return Policy(loaded.eval(), processor)
