"""The replies of a step as plain numbers, a list for each question."""

from __future__ import annotations

from typing import cast

from torch import Tensor


def by_group(values: Tensor, group: int) -> list[list[float]]:
    """The values of each group, from those of all replies, (n,), `group` next to each other."""
    return cast("list[list[float]]", cast("object", values.view(-1, group).tolist()))


def plain(values: Tensor) -> list[float]:
    """The numbers of a tensor of one dimension."""
    return cast("list[float]", cast("object", values.tolist()))
