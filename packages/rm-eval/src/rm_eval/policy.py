"""A policy to run or to train: a vision-language model and its processor, by folder or hub name.

torch and transformers are imported when something is loaded, not before.
"""

# ruff: noqa: PLC0415 - importing torch takes seconds, and `--help` must not wait for it

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar, cast

from rm_eval.errors import PolicyError
from rm_eval.model_kinds import image_text_kinds, is_known
from rm_eval.pixels import set_pixels

if TYPE_CHECKING:
    from transformers import PreTrainedModel, ProcessorMixin

__all__ = ["Dtype", "Policy", "PolicyError", "load_policy", "load_processor"]

Dtype: TypeAlias = Literal["auto", "float32", "bfloat16", "float16"]
T = TypeVar("T")

_QWEN: Final = ("qwen2_vl", "qwen2_5_vl")
_MORE: Final = ("qwen3_vl", "internvl", "llava_onevision", "smolvlm", "idefics3")
_WEIGHTS: Final = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
_PICTURES: Final = ("processor_config.json", "preprocessor_config.json")
_TOKENS: Final = ("tokenizer.json", "vocab.json", "tokenizer.model", "spiece.model")


@dataclass(frozen=True, slots=True)
class Policy:
    """A model that takes pictures and text, and the processor that makes its input."""

    model: PreTrainedModel
    processor: ProcessorMixin


def load_policy(
    path_or_name: str | Path,
    *,
    device: str = "cpu",
    dtype: Dtype = "auto",
    min_pixels: int | None = None,
    max_pixels: int | None = None,
    padding_side: Literal["left", "right"] = "left",
) -> Policy:
    """The model in evaluation mode on `device`, with its processor.

    Args:
        path_or_name: A folder as `save_pretrained` writes it, a folder with a LoRA adapter (its
            `adapter_config.json` names the base; the adapter is merged), or a name on the hub.
        device: As torch names it: `cpu`, `cuda`, `cuda:1`.
        dtype: `auto` keeps the type in which the weights are stored.
        min_pixels: The fewest pixels a picture is scaled to; None keeps the folder's own value.
        max_pixels: The most pixels a picture is scaled to (28 x 28 of them are one token of
            Qwen2.5-VL); None keeps the folder's own value.
        padding_side: `left` for generation.

    Raises:
        PolicyError: If the folder or one of its files is missing or broken, or if the model takes
            no pictures.
    """
    _check_source(path_or_name, weights=True)
    processor = load_processor(
        path_or_name, min_pixels=min_pixels, max_pixels=max_pixels, padding_side=padding_side
    )
    model = _tried(path_or_name, "the model", lambda: _model(path_or_name, dtype))
    return Policy(cast("Any", model).to(device).eval(), processor)


def load_processor(
    path_or_name: str | Path,
    *,
    min_pixels: int | None = None,
    max_pixels: int | None = None,
    padding_side: Literal["left", "right"] = "left",
) -> ProcessorMixin:
    """The processor alone: pictures and text to tensors, tokens to text.

    For the families of Qwen2-VL, Qwen2.5-VL, Qwen3-VL, InternVL, LLaVA-OneVision, SmolVLM and
    Idefics3 it works without torchvision. `AutoProcessor` gives a bare tokenizer
    where it finds no processor, and pictures are then ignored without a word; that is refused here.

    Raises:
        PolicyError: As `load_policy`.
    """
    kind = _check_source(path_or_name, weights=False)
    processor = _tried(path_or_name, "the processor", lambda: _processor(path_or_name, kind))
    _check_processor(path_or_name, processor)
    loaded = cast("Any", processor)
    loaded.tokenizer.padding_side = padding_side
    set_pixels(loaded.image_processor, min_pixels, max_pixels)
    return loaded


def _model(path_or_name: str | Path, dtype: Dtype) -> object:
    from transformers import AutoModelForImageTextToText

    def stock(name: str | Path) -> Any:  # noqa: ANN401 - any kind of model
        kind = AutoModelForImageTextToText
        return kind.from_pretrained(name, dtype=dtype, trust_remote_code=False)

    adapter = Path(path_or_name) / "adapter_config.json"
    if not adapter.is_file():
        return stock(path_or_name)
    from peft import PeftModel

    base = stock(json.loads(adapter.read_bytes())["base_model_name_or_path"])
    return cast("Any", PeftModel.from_pretrained(base, str(path_or_name))).merge_and_unload()


def _processor(path_or_name: str | Path, kind: str) -> object:
    kind = kind or _hub_kind(path_or_name)
    if kind in _QWEN:
        from rm_eval.image_only import Qwen2_5_VLProcessor

        return Qwen2_5_VLProcessor.from_pretrained(path_or_name)
    if kind in _MORE:
        from rm_eval.image_only_families import family_processor

        return family_processor(kind, path_or_name)
    from transformers import AutoProcessor

    return cast("Any", AutoProcessor).from_pretrained(path_or_name, trust_remote_code=False)


def _hub_kind(path_or_name: str | Path) -> str:
    from transformers import AutoConfig

    config = cast("Any", AutoConfig).from_pretrained(path_or_name, trust_remote_code=False)
    return str(config.model_type)


def _tried(path_or_name: str | Path, what: str, load: Callable[[], T]) -> T:
    """The result of `load`; whatever a library raises becomes one line about the folder."""
    from transformers.utils import logging

    if not sys.stderr.isatty():
        logging.disable_progress_bar()
    try:
        return load()
    except PolicyError:
        raise
    except Exception as error:  # the libraries raise any type for a broken folder
        text = next(iter(str(error).strip().splitlines()), type(error).__name__)
        if "torchvision" in str(error).lower():
            text = f"this kind needs torchvision; `pip install torchvision` suits it ({text})"
        raise PolicyError(f"{path_or_name}: {what} cannot be loaded: {text}") from error


def _check_source(path_or_name: str | Path, *, weights: bool) -> str:
    """The model's type for a folder, "" for a hub name; raises where a file is missing."""
    folder = Path(path_or_name)
    if not folder.exists():
        if _may_be_hub_name(path_or_name):
            return ""
        raise PolicyError(
            f"{path_or_name}: no such folder; expected the folder of a model or ORG/NAME on the hub"
        )
    if not folder.is_dir():
        raise PolicyError(f"{folder}: a file, expected the folder of a model")
    if (folder / "adapter_config.json").is_file():
        return _adapter_kind(folder, weights)
    kind = _folder_kind(folder)
    if weights:
        _check_file(folder, _WEIGHTS, "so the model has no weights")
    # transformers makes an empty tokenizer, or no picture half, where these are missing
    _check_file(folder, _PICTURES, "so pictures cannot be prepared")
    _check_file(folder, _TOKENS, "so text cannot be read")
    return kind


def _check_file(folder: Path, names: tuple[str, ...], effect: str) -> None:
    if not any((folder / name).is_file() for name in names):
        raise PolicyError(f"{folder}: {names[0]} is missing, {effect}")


def _may_be_hub_name(path_or_name: str | Path) -> bool:
    parts = str(path_or_name).split("/")
    return isinstance(path_or_name, str) and len(parts) == 2 and all(p.strip(".~") for p in parts)


def _adapter_kind(folder: Path, weights: bool) -> str:
    if weights and not (folder / "adapter_model.safetensors").is_file():
        raise PolicyError(f"{folder}: adapter_model.safetensors is missing beside its config")
    base = _json(folder / "adapter_config.json").get("base_model_name_or_path")
    if not base:
        raise PolicyError(f"{folder}/adapter_config.json: base_model_name_or_path is missing")
    return _check_source(str(base), weights=weights)


def _folder_kind(folder: Path) -> str:
    if not (folder / "config.json").is_file():
        raise PolicyError(f"{folder}: config.json is missing, so this is not the folder of a model")
    config = _json(folder / "config.json")
    kind = str(config.get("model_type", ""))
    if "auto_map" in config and not is_known(kind):
        raise PolicyError(
            f"{folder}/config.json: model_type {kind!r} is known only to code in the folder, which "
            "is not run; expected a kind that transformers has"
        )
    if "vision_config" not in config and kind not in image_text_kinds():
        raise PolicyError(
            f"{folder}/config.json: model_type {kind!r} takes no pictures; "
            "expected a vision-language model such as qwen2_5_vl"
        )
    return kind


def _json(file: Path) -> dict[str, Any]:
    try:
        loaded: object = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"{file}: not JSON: {error}") from None
    except OSError as error:
        raise PolicyError(f"{file}: cannot be read: {error.strerror}") from None
    if not isinstance(loaded, dict):
        raise PolicyError(f"{file}: found {type(loaded).__name__}, expected a JSON object")
    return cast("dict[str, Any]", loaded)


def _check_processor(path_or_name: str | Path, processor: object) -> None:
    found = cast("Any", processor)
    if getattr(found, "image_processor", None) is None or getattr(found, "tokenizer", None) is None:
        raise PolicyError(
            f"{path_or_name}: only a {type(processor).__name__} was found, pictures would be "
            "ignored; processor_config.json is missing or names no image processor"
        )
    if not getattr(found, "chat_template", None):
        raise PolicyError(
            f"{path_or_name}: chat_template.jinja is missing (or `chat_template` in "
            "tokenizer_config.json), so a question cannot be put to the model"
        )
