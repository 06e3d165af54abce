"""The policy's weights as vLLM takes them over after an update."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import torch
from torch import Tensor, nn

_WRAPPED = "base_model.model."
_BASE = ".base_layer"


def merged_parameters(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Each weight of a model with LoRA adapters, adapters added, under the base model's name.

    The base is not touched: adding an adapter in place and taking it off again, as TRL does, leaves
    a rounding error in the frozen weights at every step.

    Args:
        model: A PEFT model whose adapters are of the kind LoRA; not sharded.
    """
    adapted = cast("Any", model)
    deltas = {
        f"{name}{_BASE}.weight": layer
        for name, layer in adapted.named_modules()
        if hasattr(layer, "get_delta_weight") and hasattr(layer, "base_layer")
    }
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if adapted.prefix in name or "original_module" in name:
                continue
            layer = deltas.get(name)
            plain = name.removeprefix(_WRAPPED).replace(_BASE, "").replace(_SAVED, "")
            yield plain, weight.detach() if layer is None else _with_adapters(weight, layer)


_SAVED = "modules_to_save.default."


def _with_adapters(weight: Tensor, layer: Any) -> Tensor:  # noqa: ANN401 - PEFT's layer, untyped
    for adapter in layer.active_adapters:
        if adapter in layer.lora_A:
            weight = weight + layer.get_delta_weight(adapter).to(weight.dtype)
    return weight.detach()


def reload(llm: Any, weights: Iterator[tuple[str, Tensor]]) -> None:  # noqa: ANN401 - vLLM's LLM
    """Give the engine in this process new weights, whatever form it holds them in.

    vLLM on a CPU packs the weights of linear layers and drops the parameters, so that single ones
    cannot be loaded any more; this loads all of them anew. A head that is tied to the embedding is
    no weight of its own there, and is packed again by hand.
    """
    runner = llm.llm_engine.model_executor.driver_worker.model_runner
    runner.reload_weights(weights_iterator=weights)
    for layer in runner.get_model().modules():
        if hasattr(layer, "tie_weights"):
            layer.quant_method.process_weights_after_loading(layer)
