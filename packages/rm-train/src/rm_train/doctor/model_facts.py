"""What a model's configuration tells of it, without its weights."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import nn
from transformers import AutoConfig, AutoModelForImageTextToText, PreTrainedConfig

from rm_train.config import LoraConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """How large a model is.

    Attributes:
        parameters: Of the whole model, those that are shared counted once.
        trained: Parameters that a run trains: all, or those of its adapters.
        width, layers, vocabulary: Of the language model.
        positions: The longest sequence it was made for; None if it does not say.
    """

    parameters: int
    trained: int
    width: int
    layers: int
    vocabulary: int
    positions: int | None


def model_facts(path_or_name: str, lora: LoraConfig) -> ModelFacts:
    """Read config.json and build the model without memory for its weights.

    Raises:
        OSError, ValueError: If there is no such model, or transformers cannot build it.
    """
    config = cast("PreTrainedConfig", cast("Any", AutoConfig).from_pretrained(path_or_name))
    with torch.device("meta"):
        model = cast("nn.Module", cast("Any", AutoModelForImageTextToText).from_config(config))
    cast("Any", model).tie_weights()
    text = cast("Any", config).get_text_config()
    parameters = sum(p.numel() for p in model.parameters())
    positions = getattr(text, "max_position_embeddings", None)
    return ModelFacts(
        parameters=parameters,
        trained=adapter_parameters(model, lora) if lora.r else parameters,
        width=int(text.hidden_size),
        layers=int(text.num_hidden_layers),
        vocabulary=int(text.vocab_size),
        positions=None if positions is None else int(positions),
    )


def adapter_parameters(model: nn.Module, lora: LoraConfig) -> int:
    """Parameters of the adapters: r x (inputs + outputs) for each linear layer that gets one."""
    pattern = re.compile(lora.target)
    layers = cast("Iterable[tuple[str, nn.Module]]", cast("Any", model).named_modules())
    return sum(
        lora.r * (layer.in_features + layer.out_features)
        for name, layer in layers
        if isinstance(layer, nn.Linear) and pattern.fullmatch(name)
    )
