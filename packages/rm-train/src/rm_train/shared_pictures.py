"""Each picture of a batch goes through the vision tower once, however many replies are about it.

A step asks each question 8 times, and TRL repeats the picture for every reply. For a tiny model
half of a step's time is the vision tower looking at copies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, cast

import torch
from torch import Tensor, nn


def share_pictures(model: nn.Module) -> None:
    """Make the model's vision tower encode equal pictures once; other models are left alone.

    Features and gradients are those of the stock forward pass, up to the order of additions.
    """
    inner = getattr(cast("Any", model), "model", None)
    tower = getattr(inner, "visual", None)
    if getattr(cast("Any", model).config, "model_type", "") not in ("qwen2_vl", "qwen2_5_vl"):
        return
    if tower is not None and not hasattr(tower, "_forward_every_picture"):
        tower._forward_every_picture = tower.forward
        tower.forward = _sharing(tower.forward, int(tower.spatial_merge_size) ** 2)


def _sharing(forward: Callable[..., Any], merged: int) -> Callable[..., Any]:
    def shared(hidden_states: Tensor, grid_thw: Tensor, **kwargs: object) -> object:
        grids = cast("list[list[int]]", grid_thw.tolist())
        sizes = [prod(grid) for grid in grids]
        pictures = cast("tuple[Tensor, ...]", cast("Any", hidden_states).split(sizes))
        first_of, kept = distinct(pictures, [tuple(grid) for grid in grids])
        if len(kept) == len(pictures):
            return forward(hidden_states, grid_thw=grid_thw, **kwargs)
        unique = torch.cat([pictures[i] for i in kept])
        output = forward(unique, grid_thw=grid_thw[kept], **kwargs)
        parts = output.pooler_output.split([sizes[i] // merged for i in kept])
        output.pooler_output = torch.cat([parts[i] for i in first_of])
        return output

    return shared


def distinct(
    pictures: Sequence[Tensor], grids: Sequence[tuple[int, ...]]
) -> tuple[list[int], list[int]]:
    """Which pictures are equal.

    Args:
        pictures: The patches of each, (patches, values).
        grids: Time, height and width of each, in patches.

    Returns:
        For each picture its place among the distinct ones, and the numbers of the distinct ones.
    """
    sums = cast("list[float]", torch.stack([picture.sum() for picture in pictures]).tolist())
    places: dict[tuple[tuple[int, ...], float], int] = {}
    first_of: list[int] = []
    kept: list[int] = []
    for number, key in enumerate(zip(grids, sums, strict=True)):
        place = places.get(key)
        if place is None or not torch.equal(pictures[kept[place]], pictures[number]):
            place = len(kept)
            places[key] = place
            kept.append(number)
        first_of.append(place)
    return first_of, kept
