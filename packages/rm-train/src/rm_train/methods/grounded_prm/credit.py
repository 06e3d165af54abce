"""What the legs of a group's routes earn: pure functions of their verdicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal, TypeAlias

import torch
from torch import Tensor

Credit: TypeAlias = Literal["step", "return"]
CREDITS: Final = ("step", "return")

Compare: TypeAlias = Callable[[Tensor, int], Tensor]
"""Rewards, (n,), and how many a group has, to advantages, (n,); NaN is left out and gets 0."""

DECAY: Final = 0.9
"""What a step gets of the credit of the one after it; the published backup's factor."""


def leg_credits(
    verdicts: Sequence[Sequence[int]], group: int, credit: Credit, compare: Compare
) -> Tensor:
    """The credit of each leg, (n, legs of the longest route); 0 behind the end of a route.

    Args:
        verdicts: +1 or -1 for each leg of each reply; the replies of a group next to each other.
            None of a reply without a route.
        group: How many replies a group has.
        credit: Whether a leg gets the credit of those after it, too.
        compare: How rewards of a group become advantages.
    """
    longest = max(map(len, verdicts), default=0)
    padded = [[*map(float, found), *[float("nan")] * (longest - len(found))] for found in verdicts]
    table = torch.tensor(padded, dtype=torch.float32).view(len(verdicts), longest)
    if not longest:
        return table
    steps = compare(table.reshape(-1), group * longest).view_as(table)
    return steps if credit == "step" else _returns(steps)


def _returns(steps: Tensor) -> Tensor:
    found = steps.clone()
    for i in range(steps.shape[1] - 2, -1, -1):
        found[:, i] += DECAY * found[:, i + 1]
    return found
