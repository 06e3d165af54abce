"""Asking past stages again, so that they are not forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rm_curriculum.policy import Pool


def replays(first: int, n: int, floor: float) -> list[bool]:
    """Which of the draws from the `first` of a stage on go to past stages: a share `floor`, evenly.

    Among the first k draws of a stage floor(k * floor) do.
    """
    counts = [int(draw * floor) for draw in range(first, first + n + 1)]
    return [after > before for before, after in pairwise(counts)]


def past_item(pool: Pool, past: Sequence[str], draw: int) -> int:
    """Any item of the past stages, all alike."""
    place = pool.words.below(sum(len(pool.members[stage]) for stage in past), draw)
    for stage in past:
        members = pool.members[stage]
        if place < len(members):
            return members[place]
        place -= len(members)
    raise AssertionError("unreachable: the place lies among the members")
