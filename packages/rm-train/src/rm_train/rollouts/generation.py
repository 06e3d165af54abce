"""TRL's generation by vLLM (1.16), put right for pictures, number types and CPUs.

Stock, in the mode `colocate`: pictures are expanded twice; vLLM scales them by the checkpoint's
bounds, not by the run's; it computes a float32 checkpoint in bfloat16; it keeps encoded pictures
when the vision tower changes; new weights cannot be loaded on a CPU; and under LoRA the frozen
weights are rounded anew at each step.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any, cast

from torch import Tensor, nn
from transformers import ProcessorMixin
from trl.generation import vllm_generation
from trl.generation.vllm_generation import VLLMGeneration
from trl.trainer import grpo_trainer

from rm_train.config import Dtype
from rm_train.rollouts.picture_tokens import check_same_prompts, one_token_a_picture
from rm_train.rollouts.server import check_same_pictures, start_command, unusable
from rm_train.rollouts.weights import merged_parameters, reload
from rm_train.run_directory import RunError

PINNED = ("_init_vllm", "_iter_named_params", "_place_features", "generate", "sync_weights")
"""The methods of TRL's class that are overridden here; TRL calls them by these names."""

_CPU_CACHE = 1 << 30


@dataclass(frozen=True, slots=True)
class Engine:
    """How vLLM is set up inside the trainer, beyond what TRL sets.

    Attributes:
        dtype: Number type of the trainer's arithmetic, so that vLLM's is the same.
        seed: Added to the number of the process.
    """

    dtype: Dtype
    seed: int

    def arguments(self, processor: ProcessorMixin, device: str) -> dict[str, Any]:
        """What `vllm.LLM` gets in addition."""
        arguments: dict[str, Any] = {
            "dtype": self.dtype,
            "limit_mm_per_prompt": {"video": 0},
            "use_tqdm_on_load": False,
        }
        bounds = pixel_bounds(processor)
        if bounds is not None:
            size = {"shortest_edge": bounds[0], "longest_edge": bounds[1]}
            arguments["mm_processor_kwargs"] = {"size": size}
        if device == "cpu":  # else a share of the whole memory is taken, and seconds of compiling
            arguments |= {"enforce_eager": True, "kv_cache_memory_bytes": _CPU_CACHE}
        return arguments


def pixel_bounds(processor: ProcessorMixin) -> tuple[int, int] | None:
    """Fewest and most pixels of a picture; None where the processor has no such bounds."""
    size = cast("Any", processor).image_processor.size
    try:
        return int(size["shortest_edge"]), int(size["longest_edge"])
    except (KeyError, TypeError):
        return None


class PictureGeneration(VLLMGeneration):
    """vLLM for a trainer whose prompts hold pictures.

    Args:
        engine: The set-up of the mode `colocate`.
        settings: What TRL's class takes.
    """

    def __init__(self, *, engine: Engine, **settings: object) -> None:
        self._engine = engine
        super().__init__(**cast("Any", settings))

    def _init_vllm(self) -> None:
        if self.mode == "colocate":
            os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")  # no word to vLLM's makers
            device = self.accelerator.device.type
            if device == "cpu":
                _check_heads(cast("Any", self.model).config)
            more = self._engine.arguments(self._processor, device)
            with _replaced(vllm_generation, "LLM", partial(_seeded, self._engine.seed, more)):
                super()._init_vllm()
            return
        try:
            super()._init_vllm()
        except Exception as error:  # TRL raises any type for what the server answers
            address = self.server_base_url or f"http://{self.server_host}:{self.server_port}"
            bounds = pixel_bounds(self._processor)
            command = start_command(
                cast("Any", self.model).name_or_path, self._engine.dtype, bounds
            )
            raise unusable(address, error, command) from error

    @property
    def _processor(self) -> ProcessorMixin:
        return cast("ProcessorMixin", self.processing_class)

    def generate(
        self, prompts: Sequence[Sequence[int]], images: object, *rest: object, **more: object
    ) -> tuple[Any, ...]:
        """As TRL's; a run stops where vLLM read other tokens than the trainer trains on.

        Raises:
            RunError: With both numbers of tokens.
        """
        picture = int(cast("Any", self._processor).image_token_id)
        given = (
            [one_token_a_picture(ids, picture) for ids in prompts]
            if self.mode == "colocate" and images is not None
            else prompts
        )
        made = cast("Any", super()).generate(given, images, *rest, **more)
        check_same_prompts(prompts, made[0], picture)
        return made

    def _place_features(
        self, features: dict[str, Any] | None, prompt_ids: list[int]
    ) -> dict[str, Any] | None:
        placed = cast("dict[str, Any] | None", super()._place_features(features, prompt_ids))
        if placed is not None and features is not None:
            check_same_pictures(placed, features)
        return placed

    def sync_weights(self) -> None:
        """Take over the policy's weights, and forget what was computed with the old ones."""
        if self.mode == "colocate" and self.accelerator.device.type == "cpu":
            reload(self.llm, self._iter_named_params())
            self.llm.reset_prefix_cache()
        else:
            super().sync_weights()
        if self.mode == "colocate":
            self.llm.llm_engine.reset_encoder_cache()

    def _iter_named_params(self) -> Generator[tuple[str, Tensor]]:
        if self._can_add_adapters():
            yield from merged_parameters(cast("nn.Module", self.model))
        else:
            yield from super()._iter_named_params()

    def _can_add_adapters(self) -> bool:
        """Whether there are adapters, on weights that lie here whole and are no packed bits."""
        model = cast("Any", self.model)
        if not hasattr(model, "merge_adapter") or self._dist.is_fsdp or self._dist.is_zero3:
            return False
        return not getattr(model.get_base_model(), "is_quantized", False)


def _check_heads(config: Any) -> None:  # noqa: ANN401 - each model has a class of its own
    text = config.get_text_config()
    size = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    backend = cast("Any", import_module("vllm.v1.attention.backends.cpu_attn")).CPUAttentionBackend
    known = cast("list[int]", backend.get_supported_head_sizes())
    if size not in known:
        raise RunError(
            f"vLLM on a CPU knows attention heads of {', '.join(map(str, known))} numbers, the "
            f"model's have {size}; --no-use-vllm samples in the trainer"
        )


def _seeded(shift: int, more: Mapping[str, Any], /, **given: Any) -> object:  # noqa: ANN401 - vLLM's
    engine = cast("Any", import_module("vllm")).LLM  # optional, and seconds to import
    return engine(**{**given, **more, "seed": given["seed"] + shift})


@contextmanager
def _replaced(module: ModuleType, name: str, value: object) -> Generator[None]:
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


@contextmanager
def picture_rollouts(engine: Engine) -> Generator[None]:
    """A trainer of TRL made in here samples by `PictureGeneration`, if it samples by vLLM."""
    with _replaced(grpo_trainer, "VLLMGeneration", partial(PictureGeneration, engine=engine)):
        yield
