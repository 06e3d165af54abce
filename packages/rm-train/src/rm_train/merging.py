"""Adapters made part of the weights, and seen to say the same afterwards."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import torch
from peft import PeftModel
from PIL import Image
from torch import Tensor
from transformers import AutoModelForImageTextToText, ProcessorMixin

from rm_eval import PolicyError, load_processor
from rm_train.quiet import quiet_libraries
from rm_train.run_directory import RunDirectory, RunError

_QUESTION: Final = "How many lines are there in the picture?"
_SIDE: Final = 224
_ALIKE: Final[Mapping[torch.dtype, float]] = {torch.float32: 1e-4, torch.float64: 1e-6}
_ALIKE_HALF: Final = 3e-2
"""How far the logits may be apart, root mean square against root mean square: sums of numbers that
are rounded to 8 bits, in another order, differ by so much."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of it.

    Attributes:
        folder: The merged model, for `rm_eval.load_policy` and other tools.
        layers: How many layers had an adapter.
        difference: Of the logits on a sample with a picture, merged against adapter, relative.
    """

    folder: Path
    layers: int
    difference: float


def merge(source: Path, out: Path) -> Merged:
    """Merge an adapter into its base and write the whole model; whole or nothing.

    Args:
        source: A run directory whose model is an adapter, or the folder of an adapter.
        out: A folder that does not exist yet, or is empty.

    Raises:
        RunError: If there is no adapter, `out` is in use, or the merged model says something else.
        PolicyError: If the adapter or its base cannot be loaded.
    """
    adapter = adapter_of(source)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RunError(f"{out}: not empty; choose another --out")
    with quiet_libraries():
        processor = load_processor(adapter)
        adapted = _adapted(adapter)
        sample = _sample(processor)
        before = _logits(adapted, sample)
        layers = sum(hasattr(module, "lora_A") for module in cast("Any", adapted).modules())
        whole = cast("Any", adapted).merge_and_unload()
        found = _difference(before, _logits(whole, sample))
        _check(found, whole.dtype, source)
        _write(whole, processor, out)
    return Merged(out, layers, found)


def adapter_of(source: Path) -> Path:
    """The folder of the adapter that a run directory or a folder holds.

    Raises:
        RunError: If there is none.
    """
    directory = RunDirectory(source)
    folder = directory.model if directory.started else source
    if (folder / "adapter_config.json").is_file():
        return folder
    if (folder / "config.json").is_file():
        raise RunError(f"{folder}: holds all weights already, so there is nothing to merge")
    if directory.started:
        raise RunError(f"{folder}: no model yet; the run is not done")
    raise RunError(f"{source}: adapter_config.json is missing; expected a run or an adapter")


def base_of(adapter: Path) -> str:
    """Folder or hub name of the model that an adapter belongs to."""
    return str(
        json.loads((adapter / "adapter_config.json").read_bytes())["base_model_name_or_path"]
    )


def _adapted(adapter: Path) -> PeftModel:
    base = base_of(adapter)
    try:
        model = AutoModelForImageTextToText.from_pretrained(base, dtype="auto")
        found = PeftModel.from_pretrained(model, str(adapter))
    except Exception as error:  # the libraries raise any type for a broken folder
        text = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise PolicyError(f"{adapter}: cannot be loaded on its base {base}: {text}") from error
    return cast("PeftModel", cast("Any", found).eval())


def _sample(processor: ProcessorMixin) -> Mapping[str, Tensor]:
    """A question about a picture that is not the same all over."""
    picture = Image.linear_gradient("L").resize((_SIDE, _SIDE)).convert("RGB")
    content = [{"type": "image"}, {"type": "text", "text": _QUESTION}]
    prepared = cast("Any", processor)
    text = prepared.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
    )
    return dict(prepared(images=[[picture]], text=[text], return_tensors="pt"))


def _logits(model: object, sample: Mapping[str, Tensor]) -> Tensor:
    with torch.no_grad():
        return cast("Any", model)(**sample).logits.double()


def _difference(before: Tensor, after: Tensor) -> float:
    scale = before.square().mean().sqrt().clamp_min(1e-12)
    return float((after - before).square().mean().sqrt() / scale)


def _check(found: float, dtype: torch.dtype, source: Path) -> None:
    allowed = _ALIKE.get(dtype, _ALIKE_HALF)
    if not found <= allowed:  # also not a number
        raise RunError(
            f"{source}: the merged model differs from the adapter by {found:.2g} of its logits, "
            f"expected at most {allowed:.2g}; nothing was written"
        )


def _write(model: object, processor: ProcessorMixin, out: Path) -> None:
    beside = out.with_name(f".{out.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        cast("Any", model).save_pretrained(beside)
        cast("Any", processor).save_pretrained(beside)
        if out.is_dir():
            out.rmdir()
        beside.replace(out)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
