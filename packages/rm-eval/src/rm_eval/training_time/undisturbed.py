"""A model in training that is asked something, and then goes on as if it had not been."""

# ruff: noqa: PLC0415 - importing torch takes seconds, and `--help` must not wait for it

from __future__ import annotations

import hashlib
import random
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor, nn


@contextmanager
def undisturbed(model: nn.Module) -> Generator[None]:
    """The model in evaluation mode; afterwards it is as before, and so are all random numbers.

    Put back are the states of Python's, NumPy's and torch's generators, on the model's GPUs too,
    and each attribute of each module: whether it trains, its generation settings, its buffers, and
    whatever a forward pass leaves behind (Qwen2.5-VL keeps the positions of its last prompt).
    """
    import torch

    numbers, legacy = random.getstate(), np.random.get_state()
    kept = [(module, _attributes(module)) for module in model.modules()]
    with torch.random.fork_rng(devices=_gpus(model)):
        try:
            model.eval()
            yield
        finally:
            for module, held in kept:
                vars(module).clear()
                vars(module).update(held)
            random.setstate(numbers)
            np.random.set_state(legacy)


def _gpus(model: nn.Module) -> list[int]:
    places = {weight.device for weight in model.parameters()}
    return sorted(place.index or 0 for place in places if place.type == "cuda")


def _attributes(module: nn.Module) -> dict[str, Any]:
    held = dict(vars(module))
    held["_buffers"] = dict(cast("dict[str, Tensor | None]", held["_buffers"]))
    return held


def trained_weights(model: nn.Module) -> str:
    """SHA-256 of the weights that learn (of all, if none does), with their names and types."""
    import torch

    every = list(model.named_parameters())
    digest = hashlib.sha256()
    for name, weight in [pair for pair in every if pair[1].requires_grad] or every:
        digest.update(f"{name} {weight.dtype} {tuple(weight.shape)}\n".encode())
        plain = weight.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
        digest.update(cast("Any", plain).numpy())
    return digest.hexdigest()
