"""Weights of a checkpoint put back, also where the file's names are not the module's.

`save_pretrained` writes the names of the hub, and transformers' own method loads them with
`strict=False`: for Qwen2.5-VL nothing fits, nothing is restored, and only a warning says so
(huggingface/transformers#43701). `from_pretrained` knows both names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from torch import nn
from transformers import PreTrainedModel, Trainer


def restore_weights(
    trainer: Trainer,
    checkpoint: str,
    model: nn.Module | None,
    stock: Callable[[str, nn.Module | None], None],
) -> None:
    """Put the weights back, in the number type that they have.

    Args:
        trainer: Whose checkpoint it is.
        checkpoint: Its folder.
        model: What to load into; None is the trainer's own.
        stock: Transformers' own method, which is right for adapters and for divided weights.
    """
    into = cast("nn.Module", cast("Any", trainer).model if model is None else model)
    sharded = bool(trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled)
    if isinstance(into, PreTrainedModel) and not sharded:
        saved = cast("Any", type(into)).from_pretrained(checkpoint, dtype=into.dtype)
        into.load_state_dict(saved.state_dict())
        return
    types = {name: weight.dtype for name, weight in into.named_parameters()}
    stock(checkpoint, model)
    for name, weight in into.named_parameters():
        if weight.dtype != types[name]:  # peft makes adapters in bfloat16 float32
            weight.data = weight.data.to(types[name])
