"""Replies that a checkpoint in the middle of their use has to keep.

With several updates a generation (`minibatches`, `num_iterations`) a checkpoint can fall between
two of them. TRL saves neither the replies nor how far it is with them, so a resumed run would
sample new ones in their place, from the weights of later.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias, cast

import torch

from rm_train.config_error import ConfigError

Batches: TypeAlias = list[dict[str, Any]]
"""What TRL keeps of a generation: for each forward pass its tensors and lists of numbers."""


def rollouts_file(checkpoint: Path, process: int, world: int) -> Path:
    """Where a process keeps its replies."""
    return checkpoint / f"rollouts_{process}_of_{world}.pt"


def keep_rollouts(batches: Batches, file: Path) -> None:
    """Write the replies under way into a checkpoint, pictures and all, exact to the bit."""
    torch.save(batches, file)


def kept_rollouts(file: Path, device: torch.device) -> Batches:
    """The replies under way, on the device.

    Raises:
        ConfigError: If they were not kept, or by another number of processes.
    """
    if not file.is_file():
        others = sorted(path.name for path in file.parent.glob("rollouts_*_of_*.pt"))
        found = f"those of {len(others)} processes" if others else "none"
        raise ConfigError(
            f"resume: {file.parent} lies between two updates from the same replies; expected them "
            f"in {file.name}, found {found}; resume with as many processes as before, or from "
            "another checkpoint"
        )
    read = cast("Batches", cast("Any", torch).load(file, map_location="cpu", weights_only=True))
    return [{name: _placed(value, device) for name, value in batch.items()} for batch in read]


def _placed(value: Any, device: torch.device) -> Any:  # noqa: ANN401 - a tensor, or a list
    return value.to(device) if isinstance(value, torch.Tensor) else value
