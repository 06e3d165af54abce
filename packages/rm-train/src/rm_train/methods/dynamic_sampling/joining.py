"""A batch of replies that is put together from several generations.

A batch is what TRL 1.16 makes of a generation: tokens padded to its own longest prompt and reply,
and picture tensors of which some have a row for each reply, some for each picture and some for each
patch. TRL's own splitting tells which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import torch
from torch import Tensor
from torch.nn.functional import pad
from trl.trainer.utils import split_pixel_values_by_grid

from rm_train.config_error import ConfigError

Batch: TypeAlias = dict[str, Any]
Choice: TypeAlias = Sequence[tuple[int, int]]
"""For each reply the number of the batch it is taken from, and its number there."""

_PROMPT: Final = ("prompt_ids", "prompt_mask")
_REPLY: Final = (
    "completion_ids",
    "completion_mask",
    "old_per_token_logps",
    "ref_per_token_logps",
    "sampling_per_token_logps",
    "importance_sampling_ratio",
    "tool_mask",
)
_WHOLE: Final = ("token_type_ids", "mm_token_type_ids")
_PICTURES: Final = (
    "pixel_values",
    "image_grid_thw",
    "pixel_attention_mask",
    "spatial_shapes",
    "image_sizes",
    "image_position_ids",
)
_COUNTS: Final = ("num_images", "num_tiles")
_MADE_ANEW: Final = ("advantages", "num_items_in_batch")

JOINED: Final = frozenset((*_PROMPT, *_REPLY, *_WHOLE, *_PICTURES, *_COUNTS, *_MADE_ANEW))
"""All that a batch may hold."""


def joined(batches: Sequence[Batch], choice: Choice, pad_token: int) -> Batch:
    """The replies that are chosen, as one batch; all but `num_items_in_batch` and advantages.

    Args:
        batches: As TRL's trainer makes them.
        choice: Which replies, in order.
        pad_token: What prompts and replies are padded with.

    Raises:
        ConfigError: If a batch holds something that it is not known how to join.
    """
    for batch in batches:
        for name in batch:
            if name not in JOINED:
                raise ConfigError(
                    f"method: dynamic-sampling cannot join batches that hold {name!r}, as those of "
                    "this model do; leave it out"
                )
    used = [_counted(batch, batches) for batch in batches]
    return {
        name: _column(name, used, choice, pad_token) for name in used[0] if name not in _MADE_ANEW
    }


def _counted(batch: Batch, batches: Sequence[Batch]) -> Batch:
    """With a row or a list item for each reply, and tiles counted if they are in any batch.

    TRL leaves the numbers of tiles out where every picture is a single one.
    """
    if any("num_tiles" in one for one in batches) and "num_tiles" not in batch:
        batch = {**batch, "num_tiles": batch["num_images"]}
    return dict(split_pixel_values_by_grid(batch))


def _column(name: str, batches: Sequence[Batch], choice: Choice, pad_token: int) -> Any:  # noqa: ANN401 - a tensor or a list
    if name in _COUNTS:
        return [batches[part][name][row] for part, row in choice]
    if name in _PICTURES:
        return _pictures([batch[name] for batch in batches], choice)
    fill = {"prompt_ids": pad_token, "completion_ids": pad_token, "tool_mask": 1}.get(name, 0)
    if name not in _WHOLE:
        return _padded([b[name] for b in batches], choice, fill, left=name in _PROMPT)
    widths = [int(batch["prompt_ids"].shape[1]) for batch in batches]
    prompts = [batch[name][:, :width] for batch, width in zip(batches, widths, strict=True)]
    replies = [batch[name][:, width:] for batch, width in zip(batches, widths, strict=True)]
    ends = (_padded(prompts, choice, 0, left=True), _padded(replies, choice, 0, left=False))
    return torch.cat(ends, dim=1)


def _padded(parts: Sequence[Tensor], choice: Choice, fill: float, *, left: bool) -> Tensor:
    """The rows (t,) of the parts that are used, as wide as the widest part that is."""
    width = max(int(parts[part].shape[1]) for part in {part for part, _ in choice})
    sides = {
        part: (width - int(parts[part].shape[1]), 0) if left else (0, width - parts[part].shape[1])
        for part, _ in choice
    }
    return torch.stack([pad(parts[part][row], sides[part], value=fill) for part, row in choice])


def _pictures(parts: Sequence[Tensor | list[Tensor]], choice: Choice) -> Tensor:
    """The picture tensors of the chosen replies.

    What is smaller than in another batch (fewer tiles) is filled up with zeros, as the processors
    themselves fill up a batch.
    """
    rows = [parts[part][row] for part, row in choice]
    sizes = [max(found) for found in zip(*(row.shape for row in rows), strict=True)]
    if isinstance(parts[0], list):  # a tensor for each reply, whose rows are pictures or patches
        return torch.cat([_filled(row, sizes[1:], keep=1) for row in rows])
    return torch.stack([_filled(row, sizes, keep=0) for row in rows])


def _filled(row: Tensor, sizes: Sequence[int], *, keep: int) -> Tensor:
    lacking = [size - have for size, have in zip(sizes, row.shape[keep:], strict=True)]
    if not any(lacking):
        return row
    return pad(row, [width for lack in reversed(lacking) for width in (0, lack)])


def items_in(batch: Mapping[str, Any]) -> Tensor:
    """How many tokens of a batch are learned from, ()."""
    mask: Tensor = batch["completion_mask"]
    return (mask * batch["tool_mask"] if "tool_mask" in batch else mask).sum()
