"""How vLLM is set up, and what it cannot do."""

# ruff: noqa: PLC0415 - importing torch takes seconds, and `--help` must not wait for it

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from rm_eval.backends.local import ends_of_turn
from rm_eval.errors import EvalError
from rm_eval.policy import Dtype

if TYPE_CHECKING:
    from transformers import ProcessorMixin

_CPU_CACHE: Final = 1 << 30
_QUIET: Final = {"VLLM_LOGGING_LEVEL": "ERROR", "VLLM_NO_USAGE_STATS": "1"}
"""Unless the environment says otherwise: no notices, and no word to vLLM's makers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """How vLLM is set up.

    Attributes:
        model: The folder of the model.
        device: `cpu` or `cuda`.
        dtype: `auto` keeps the type in which the weights are stored.
        min_pixels, max_pixels: As for `rm_eval.load_processor`.
        max_model_len: Longest prompt with its reply, in tokens; None: the model's own.
        max_new_tokens: Longest reply.
        more: Further arguments of vLLM's `LLM`, which go over ours.
    """

    model: Path
    device: str
    dtype: Dtype
    min_pixels: int | None
    max_pixels: int | None
    max_model_len: int | None
    max_new_tokens: int
    more: Mapping[str, Any] = field(default_factory=dict[str, Any])


def check_vllm(model: Path, device: str) -> None:
    """Refuse what vLLM cannot do, before anything is loaded.

    Args:
        model: The folder of the model.
        device: `cpu` or `cuda`.

    Raises:
        EvalError: With the way out.
    """
    if device not in ("cpu", "cuda"):
        raise EvalError(
            f"device: found {device!r}, expected cpu or cuda with vllm; CUDA_VISIBLE_DEVICES "
            "chooses among several"
        )
    if (model / "adapter_config.json").is_file():
        raise EvalError(
            f"{model}: an adapter, which only --backend transformers loads; merge it first"
        )
    if find_spec("vllm") is None:
        raise EvalError(
            "backend: found 'vllm', which is not installed; pip install vllm (docs/rollouts.md for "
            "a CPU), or take --backend transformers"
        )


def opened(engine: Engine, processor: ProcessorMixin) -> Any:  # noqa: ANN401 - vLLM's LLM
    """The model in vLLM.

    Raises:
        EvalError: If vLLM cannot load it, or runs on another device.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    if engine.device == "cpu":  # more processes only make the start slow there
        os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
    vllm = cast("Any", import_module("vllm"))
    _check_platform(engine.device)
    try:
        return vllm.LLM(**_arguments(engine, processor))
    except Exception as error:  # vLLM raises any type for what it cannot load
        raise EvalError(f"{engine.model}: vLLM cannot load it: {line_of(error)}") from error


def greedy(engine: Engine, processor: ProcessorMixin) -> Any:  # noqa: ANN401 - its SamplingParams
    """Greedy decoding; of the model's own settings only the repetition penalty and ends of turn."""
    own = _own_settings(engine.model)
    ends = ends_of_turn(own.eos_token_id, cast("Any", processor).tokenizer.eos_token_id)
    return cast("Any", import_module("vllm")).SamplingParams(
        temperature=0.0,
        max_tokens=engine.max_new_tokens,
        repetition_penalty=own.repetition_penalty or 1.0,
        stop_token_ids=sorted(ends),
        detokenize=False,  # `VllmBackend` does it, once a reply
    )


def line_of(error: Exception) -> str:
    """What vLLM says of an error, in one line."""
    return " ".join(str(error).split())[:300] or type(error).__name__


def _arguments(engine: Engine, processor: ProcessorMixin) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "model": str(engine.model),
        "dtype": engine.dtype if engine.dtype != "auto" else _stored_dtype(engine.model),
        "max_model_len": engine.max_model_len,
        "limit_mm_per_prompt": {"image": 1, "video": 0},
        "seed": 0,
        "use_tqdm_on_load": False,
    }
    size = cast("Mapping[str, int]", cast("Any", processor).image_processor.size)
    if {"shortest_edge", "longest_edge"} <= set(size):
        kept = {name: int(size[name]) for name in ("shortest_edge", "longest_edge")}
        arguments["mm_processor_kwargs"] = {"size": kept}
    if engine.device == "cpu":  # else a share of the whole memory is taken, and time to compile
        arguments |= {"enforce_eager": True, "kv_cache_memory_bytes": _CPU_CACHE, "block_size": 32}
    return {**arguments, **engine.more}


def _own_settings(model: Path) -> Any:  # noqa: ANN401 - transformers' GenerationConfig
    """The generation settings that come with the model, as transformers finds them."""
    from transformers import AutoConfig, GenerationConfig

    if (model / "generation_config.json").is_file():
        return cast("Any", GenerationConfig).from_pretrained(model)
    return cast("Any", GenerationConfig).from_model_config(AutoConfig.from_pretrained(model))


def _check_platform(device: str) -> None:
    """A build of vLLM runs on one kind of device, whatever is asked for."""
    built_for = str(cast("Any", import_module("vllm.platforms")).current_platform.device_type)
    if built_for != device:
        raise EvalError(
            f"device: found {device!r}, but this vLLM runs on {built_for}; expected that"
        )


def _stored_dtype(model: Path) -> str:
    """By its own `auto`, vLLM computes weights stored in float32 in a smaller type."""
    config: Mapping[str, Any] = json.loads((model / "config.json").read_bytes())
    found = config.get("dtype") or config.get("torch_dtype")
    return "float32" if found == "float32" else "auto"
