"""The hidden states in which a model began the thoughts of a reply.

The model reads the reply again as it was made: picture and question as the prompt, then the tokens
of the reply, in one forward pass without a cache.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from rm_eval.backends.backend import Prompt
from rm_eval.backends.chat import check_texts, templated
from rm_eval.errors import EvalError
from rm_eval.pictures import read_picture
from rm_eval.steering.breaks import Breaks
from rm_eval.steering.layers import decoder_layer, states_in
from rm_eval.steering.thoughts import Label
from rm_eval.steering.traces import Trace

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

    from rm_eval.policy import Policy

_OWN: Final = ("input_ids", "attention_mask")


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """A thought, and the state (width,) of the token that opens it, by layer."""

    label: Label
    states: Mapping[int, NDArray[np.float32]]


class StateReader:
    """Reads the states of one model at some of its layers.

    Args:
        policy: The model and its processor.
        layers: Decoder layers, 1 for the first.

    Raises:
        EvalError: If there is no such layer.
    """

    def __init__(self, policy: Policy, layers: Sequence[int]) -> None:
        self._policy = policy
        self._layers = {layer: decoder_layer(policy.model, layer) for layer in layers}
        self._breaks = Breaks(policy.processor)
        self._seen: dict[int, Tensor] = {}

    def openings(self, trace: Trace) -> list[Opening]:
        """The thoughts of a trace in order.

        Raises:
            EvalError: If its picture or text cannot be used, or the states are not finite.
        """
        processor = cast("Any", self._policy.processor)
        check_texts(processor, [(trace.where, trace.question + trace.reply)])
        reply: list[int] = processor.tokenizer(trace.reply, add_special_tokens=False)["input_ids"]
        opened = self._breaks.opened(reply)
        if not opened:
            return []
        first = self._read(trace, reply[: opened[-1][0] + 1])
        places = [first + place for place, _ in opened]
        rows = {
            layer: states[0, places].float().cpu().numpy() for layer, states in self._seen.items()
        }
        self._seen.clear()
        for layer, states in rows.items():
            if not np.isfinite(states).all():
                raise EvalError(
                    f"{trace.where}: layer {layer}: the states are not finite; take --dtype float32"
                )
        return [
            Opening(label, {layer: states[number] for layer, states in rows.items()})
            for number, (_, label) in enumerate(opened)
        ]

    def _read(self, trace: Trace, reply: Sequence[int]) -> int:
        """Let the model read the prompt and these tokens; gives how long the prompt is."""
        import torch  # noqa: PLC0415 - importing torch takes seconds, and `--help` must not wait

        prompt = self._prompt(trace)
        length = int(prompt["input_ids"].shape[1])
        model = cast("Any", self._policy.model)
        batch = {name: value.to(model.device) for name, value in _continued(prompt, reply).items()}
        try:
            with torch.inference_mode(), self._kept():
                model.base_model(**batch, use_cache=False)
        except torch.OutOfMemoryError:
            raise EvalError(
                f"{trace.where}: the device ran out of memory; take fewer max pixels or shorter "
                "traces"
            ) from None
        return length

    def _prompt(self, trace: Trace) -> Mapping[str, Tensor]:
        processor = cast("Any", self._policy.processor)
        shown = None if trace.picture is None else _opened(trace.picture)
        text = templated(processor, Prompt(trace.where, shown, trace.question, str(trace.picture)))
        images = None if shown is None else [[shown]]
        try:
            made: Mapping[str, Tensor] = processor(text=[text], images=images, return_tensors="pt")
        except ValueError as error:
            raise EvalError(f"{trace.where}: the processor refused it: {error}") from error
        return made

    @contextmanager
    def _kept(self) -> Generator[None]:
        """What the layers give inside is kept; their hooks are gone afterwards."""

        def keeping(layer: int) -> Any:  # noqa: ANN401 - a hook of torch
            def hook(_module: object, _arguments: object, output: object) -> None:
                self._seen[layer] = states_in(output)

            return hook

        handles = [
            module.register_forward_hook(keeping(layer)) for layer, module in self._layers.items()
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()


def _continued(prompt: Mapping[str, Tensor], reply: Sequence[int]) -> dict[str, Tensor]:
    """The prompt with the tokens of the reply behind it, as `generate` puts them there."""
    ids = prompt["input_ids"]
    tokens = ids.new_tensor([list(reply)])
    more = {"input_ids": tokens, "attention_mask": tokens.new_ones(tokens.shape)}
    return {
        name: _joined(value, more.get(name, tokens.new_zeros(tokens.shape)))
        if value.shape == ids.shape and (name in _OWN or value.dtype == ids.dtype)
        else value
        for name, value in prompt.items()
    }


def _joined(value: Tensor, more: Tensor) -> Tensor:
    import torch  # noqa: PLC0415 - as above

    return torch.cat([value, more.to(value.dtype)], dim=1)


@lru_cache(maxsize=2)  # questions about one map stand together; a map can take 50 MB in memory
def _opened(path: Path) -> Image:
    return read_picture(path)
