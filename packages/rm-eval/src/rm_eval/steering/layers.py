"""The decoder layers of a vision-language model, counted as transformers counts hidden states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from rm_eval.errors import EvalError

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module
    from transformers import PreTrainedModel


def decoder_layer(model: PreTrainedModel, number: int) -> Module:
    """The layer whose output is `hidden_states[number]`: 1 is the first, 0 would be the embedding.

    Raises:
        EvalError: If there is no such layer.
    """
    layers = _layers(model)
    if not 1 <= number <= len(layers):
        raise EvalError(
            f"layer: found {number}, expected 1 to {len(layers)}: the model has {len(layers)} "
            "decoder layers"
        )
    return layers[number - 1]


def hidden_size(model: PreTrainedModel) -> int:
    """The width of the states between the decoder layers."""
    return int(cast("Any", model).get_decoder().config.hidden_size)


def states_in(output: object) -> Tensor:
    """The states (batch, length, width) in what a decoder layer gives."""
    return cast("Tensor", output[0] if isinstance(output, tuple) else output)


def _layers(model: PreTrainedModel) -> Sequence[Module]:
    found = getattr(cast("Any", model).get_decoder(), "layers", None)
    if found is None:
        raise EvalError(f"steering: no decoder layers are known in {type(model).__name__}")
    return cast("Sequence[Module]", found)
