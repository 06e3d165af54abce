"""A float32 copy of the weights that are trained, which the policy's own modules can run with.

Frozen weights are shared with the policy: under adapters the copy is that of the adapters alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import torch
from safetensors import torch as tensor_files
from torch import Tensor, nn
from torch.func import functional_call  # pyright: ignore[reportUnknownVariableType]

from rm_train.config_error import ConfigError
from rm_train.methods.rollouts import Rollouts

if TYPE_CHECKING:
    from rm_train.trainer import MapTrainer

_SHARDED: Final = {"ACCELERATE_USE_FSDP": "FSDP", "ACCELERATE_USE_DEEPSPEED": "DeepSpeed"}


def refuse_sharded(method: str) -> None:
    """Find out from the launcher's environment that no process will hold the whole weights.

    Raises:
        ConfigError: With the way out.
    """
    for variable, name in _SHARDED.items():
        if os.environ.get(variable, "").lower() in ("1", "true"):
            raise ConfigError(
                f"method: found {method} under {name}, which cuts the weights up; it keeps a copy "
                "of them, so each process has to hold them whole: launch with plain "
                "data-parallel processes (--multi_gpu), with lora.r above 0 if memory is short"
            )


class SlowCopy:
    """The trained weights of a model as they were when it was made, or as they follow since.

    Held in float32 whatever the model's own type: an average with decay 0.995 moves by a
    two-hundredth of the difference, which bfloat16 rounds to nothing.

    Args:
        model: Its weights that have a gradient are copied.
    """

    def __init__(self, model: nn.Module) -> None:
        self.weights: dict[str, Tensor] = {
            name: weight.detach().to(torch.float32, copy=True)
            for name, weight in model.named_parameters()
            if weight.requires_grad
        }

    def follow(self, model: nn.Module, decay: float) -> None:
        """Each weight becomes decay * itself + (1 - decay) * the model's."""
        own = dict(model.named_parameters())
        for name, weight in self.weights.items():
            weight.mul_(decay).add_(own[name].detach().to(torch.float32), alpha=1.0 - decay)

    def logps(self, rollouts: Rollouts) -> Tensor:
        """Each token's log-probability under these weights, (b, t), without dropout.

        It is taken at the run's temperature, as TRL's own reference is.
        """
        trainer = rollouts.trainer
        model = policy_of(trainer)
        training = model.training
        model.eval()
        try:
            return rollouts.logps(self._running(model))
        finally:
            model.train(training)

    def _running(self, model: nn.Module) -> Callable[..., Any]:
        types = {name: weight.dtype for name, weight in model.named_parameters()}
        weights = {name: weight.to(types[name]) for name, weight in self.weights.items()}

        def run(**inputs: object) -> object:
            return functional_call(model, weights, (), cast("Any", inputs))

        return run

    def save(self, file: Path) -> None:
        """Write the weights, exactly."""
        weights = {name: weight.contiguous() for name, weight in self.weights.items()}
        cast("Any", tensor_files).save_file(weights, file)

    def load(self, file: Path) -> None:
        """Read them back.

        Raises:
            ConfigError: If the file is not there or holds other weights.
        """
        if not file.is_file():
            raise ConfigError(
                f"resume: found no {file.name} in {file.parent}; go on with the method that saved "
                "the checkpoint, or start anew"
            )
        found: dict[str, Tensor] = cast("Any", tensor_files).load_file(file)
        shapes = {name: weight.shape for name, weight in self.weights.items()}
        if {name: weight.shape for name, weight in found.items()} != shapes:
            raise ConfigError(f"resume: found weights of another model in {file}")
        for name, weight in self.weights.items():
            weight.copy_(found[name])


def policy_of(trainer: MapTrainer) -> nn.Module:
    """The model that learns, without what distributes it."""
    return cast("Any", trainer.accelerator).unwrap_model(trainer.model)
