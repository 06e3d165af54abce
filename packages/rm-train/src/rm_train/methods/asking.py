"""More replies than the step's own: from the policy as it is, by the generator that the run uses.

It calls private methods of TRL 1.16; a test pins their names.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, cast

import torch
from transformers import GenerationConfig
from trl import data_utils

from rm_train.methods.method import Rows

if TYPE_CHECKING:
    from rm_train.trainer import MapTrainer

CALLED: Final = ("_generate_single_turn", "_tokenize_prompts")
"""Private methods of TRL's trainer that are called here."""

_GREEDY: Final = {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}


def ask(trainer: MapTrainer, rows: Rows, *, greedy: bool = False) -> list[str]:
    """One reply of the policy to each row, special tokens left out.

    The same path as the replies that are learned from: transformers, or vLLM with the newest
    weights. Every process has to call it, with equally many rows: sharded weights are gathered for
    it, and a vLLM server gets all prompts in one request.

    Args:
        trainer: Whose policy answers.
        rows: As the dataset has them: `prompt`, a conversation, and `image`, `images` or neither.
        greedy: Take the likeliest token each time, which needs no random numbers; else sample as
            the run does.
    """
    if not rows:
        return []
    inner, processor = cast("Any", trainer), cast("Any", trainer.processing_class)
    with_pictures = cast("Any", data_utils).prepare_multimodal_messages
    prompts = [with_pictures(row["prompt"], images=_pictures(row)) for row in rows]
    with torch.no_grad(), trainer.accelerator.autocast(), _sampling(inner, greedy=greedy):
        ids, pictures, fields = inner._tokenize_prompts(prompts)
        tokens, _ = inner._generate_single_turn(ids, pictures, fields, 1)
    texts: list[str] = processor.batch_decode(tokens, skip_special_tokens=True)
    return texts


def _pictures(row: Any) -> list[Any]:  # noqa: ANN401 - a row of the dataset
    if row.get("images") is not None:
        return list(row["images"])
    return [] if row.get("image") is None else [row["image"]]


@contextmanager
def _sampling(trainer: Any, *, greedy: bool) -> Generator[None]:  # noqa: ANN401 - TRL's attributes
    """Sets how the trainer's generator chooses tokens, for as long as this lasts."""
    if not greedy:
        yield
        return
    if trainer.use_vllm:
        owner, names = trainer.vllm_generation, {"temperature": 0.0, "top_p": 1.0, "top_k": 0}
    else:
        plain = {**trainer.generation_kwargs, **_GREEDY}
        config = GenerationConfig(**plain, disable_compile=True)
        owner, names = trainer, {"generation_kwargs": plain, "generation_config": config}
    before = {name: getattr(owner, name) for name in names}
    for name, value in names.items():
        setattr(owner, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(owner, name, value)
