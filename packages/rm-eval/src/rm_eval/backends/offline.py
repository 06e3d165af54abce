"""Replies of a local model by vLLM in this process: all prompts of a batch at once.

vLLM gets the text of a prompt with one placeholder for the picture, never the processor's tokens:
it would expand those again, and answer another prompt without an error. The tokens that it read are
compared with the processor's.
"""

# ruff: noqa: PLC0415 - importing torch takes seconds, and `--help` must not wait for it

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from rm_eval.backends.backend import Prompt, Reply
from rm_eval.backends.chat import templated
from rm_eval.backends.local import ends_of_turn
from rm_eval.errors import EvalError
from rm_eval.policy import Dtype, load_processor

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
    """

    model: Path
    device: str
    dtype: Dtype
    min_pixels: int | None
    max_pixels: int | None
    max_model_len: int | None
    max_new_tokens: int


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


class VllmBackend:
    """Greedy replies of one model. Questions about one picture are asked one after another.

    Of the checkpoint's own generation settings only the repetition penalty and the ends of turn are
    kept, as by transformers.

    Raises:
        EvalError: If vLLM cannot load the model.
    """

    def __init__(self, engine: Engine) -> None:
        self._processor = load_processor(
            engine.model, min_pixels=engine.min_pixels, max_pixels=engine.max_pixels
        )
        tokenizer = cast("Any", self._processor).tokenizer
        own = _own_settings(engine.model)
        for name, value in _QUIET.items():
            os.environ.setdefault(name, value)
        if engine.device == "cpu":  # more processes only make the start slow there
            os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
        ends = ends_of_turn(own.eos_token_id, tokenizer.eos_token_id)
        vllm = cast("Any", import_module("vllm"))
        _check_platform(engine.device)
        self._sampling = vllm.SamplingParams(
            temperature=0.0,
            max_tokens=engine.max_new_tokens,
            repetition_penalty=own.repetition_penalty or 1.0,
            stop_token_ids=sorted(ends),
            skip_special_tokens=True,
        )
        try:
            self._llm = vllm.LLM(**_arguments(engine, self._processor))
        except Exception as error:  # vLLM raises any type for what it cannot load
            raise EvalError(f"{engine.model}: vLLM cannot load it: {_line(error)}") from error
        self._model = engine.model
        self._room = int(self._llm.llm_engine.model_config.max_model_len)
        self._token = int(cast("Any", self._processor).image_token_id)
        self._compared = False

    def replies(self, prompts: Sequence[Prompt]) -> list[Reply]:
        """One reply a prompt, all asked in one call, those about one picture together.

        Raises:
            EvalError: If a prompt is too long, or vLLM read other tokens than the processor makes.
        """
        order = sorted(range(len(prompts)), key=lambda place: prompts[place].picture_key)
        for prompt in prompts:
            self._check_room(prompt)
        asked = [self._row(prompts[place]) for place in order]
        try:
            made = self._llm.generate(asked, sampling_params=self._sampling, use_tqdm=False)
        except Exception as error:  # likewise for what it cannot compute
            raise EvalError(f"{self._model}: vLLM cannot answer: {_line(error)}") from error
        replies: dict[int, Reply] = {}
        for place, output in zip(order, made, strict=True):
            self._check_tokens(prompts[place], list(output.prompt_token_ids))
            replies[place] = self._reply(output)
        return [replies[place] for place in range(len(prompts))]

    def close(self) -> None:
        """Let go of the engine and its memory."""
        del self._llm

    def _row(self, prompt: Prompt) -> dict[str, Any]:
        text = templated(self._processor, prompt)
        if prompt.picture is None:
            return {"prompt": text}
        return {
            "prompt": text,
            "multi_modal_data": {"image": prompt.picture},
            "multi_modal_uuids": {"image": [prompt.picture_key]},
        }

    def _reply(self, output: Any) -> Reply:  # noqa: ANN401 - vLLM's RequestOutput
        made = output.outputs[0]
        tokens = list(made.token_ids)
        text = cast("Any", self._processor).tokenizer.decode(tokens, skip_special_tokens=True)
        return Reply(
            text,
            len(tokens),
            "length" if made.finish_reason == "length" else "stop",
            visual_tokens=list(output.prompt_token_ids).count(self._token),
            prompt_tokens=len(output.prompt_token_ids),
            cached_tokens=output.num_cached_tokens,
        )

    def _check_tokens(self, prompt: Prompt, read: Sequence[int]) -> None:
        """The first prompt token by token, every other by the number of its picture's tokens."""
        if not self._compared:
            ours = self._made(prompt)
            if ours != list(read):
                raise EvalError(_apart(prompt.question_id, len(read), len(ours)))
            self._compared = True
        expected, found = self._visual_tokens(prompt), list(read).count(self._token)
        if found != expected:
            raise EvalError(_apart(prompt.question_id, found, expected))

    def _made(self, prompt: Prompt) -> list[int]:
        images = None if prompt.picture is None else [[prompt.picture]]
        made = cast("Any", self._processor)(
            text=[templated(self._processor, prompt)], images=images
        )
        return [int(token) for token in made["input_ids"][0]]

    def _check_room(self, prompt: Prompt) -> None:
        """Refuse what does not fit: vLLM would refuse the whole call, or cut the reply short."""
        text = templated(self._processor, prompt)
        shown = prompt.picture is not None
        words = len(cast("Any", self._processor).tokenizer(text)["input_ids"]) - shown
        visual, reply = self._visual_tokens(prompt), int(self._sampling.max_tokens)
        if words + visual + reply > self._room:
            raise EvalError(
                f"question {prompt.question_id!r}: its {words} tokens of text, {visual} of its "
                f"picture and {reply} for the reply are more than the model's {self._room}; lower "
                "--max-pixels or --max-new-tokens, or raise --max-model-len"
            )

    def _visual_tokens(self, prompt: Prompt) -> int:
        if prompt.picture is None:
            return 0
        size = (prompt.picture.height, prompt.picture.width)
        counted = cast("Any", self._processor)._get_num_multimodal_tokens(image_sizes=[size])
        return int(counted.num_image_tokens[0])


def _apart(question: str, read: int, made: int) -> str:
    return (
        f"question {question!r}: vLLM read {read} tokens where the processor makes {made}, so it "
        "would answer another prompt; take --backend transformers"
    )


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
    return arguments


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


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
