"""Each question's way through a training: when it was right, and how often that changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

from rm_eval.samples import read_samples
from rm_eval.training_time.looks import Look, right

Fate: TypeAlias = Literal["learned", "forgotten", "kept", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """One question over all looks.

    Attributes:
        id, type, cluster: Of the question.
        right: A letter a look, by step: 1 for a right reply, 0 for a wrong one.
        flips: How often it changed from one look to the next. A question with many flips is near a
            border: that it is right at the end says little.
        fate: The last look against the first: `learned`, `forgotten`, or right at both (`kept`) or
            at neither (`never`).
    """

    id: str
    type: str
    cluster: str
    right: str
    flips: int
    fate: Fate


def trajectories(looks: Sequence[Look]) -> list[Trajectory]:
    """The way of each question, in the order of the questions."""
    rows = zip(*(right(look) for look in looks), strict=True)
    return [
        Trajectory(
            id=one.id,
            type=one.type,
            cluster=one.cluster,
            right="".join("01"[value] for value in row),
            flips=sum(a != b for a, b in pairwise(row)),
            fate=_fate(row[0], row[-1]),
        )
        for one, row in zip(read_samples(looks[0].folder), rows, strict=True)
    ]


def _fate(first: bool, last: bool) -> Fate:
    if last:
        return "kept" if first else "learned"
    return "forgotten" if first else "never"
