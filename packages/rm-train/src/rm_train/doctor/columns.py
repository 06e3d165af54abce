"""Do the reward's columns say different things?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from math import sqrt
from typing import Final, TypeAlias

from rm_train.doctor.finding import Finding

Column: TypeAlias = Sequence[float | None]

_SAME: Final = 1e-9
_FEWEST: Final = 8
"""Replies on which two columns must both stand before they are called tied."""


def column_findings(columns: Mapping[str, Column], weights: Sequence[float]) -> Iterator[Finding]:
    """Columns that are constant over all sample replies, and pairs that rise and fall together.

    Args:
        columns: Rewards of the same replies (right, nearly right, garbage) by column; None where a
            column does not apply.
        weights: What each column is multiplied by; those with 0 are left out.
    """
    acting = [name for name, weight in zip(columns, weights, strict=True) if weight]
    varied: list[str] = []
    for name in acting:
        values = [value for value in columns[name] if value is not None]
        if not values:
            yield Finding(
                level="note",
                code="reward-column",
                found=f"{name} applies to none of the questions",
            )
        elif max(values) - min(values) <= _SAME:
            yield Finding(
                level="warning",
                code="constant-column",
                found=f"{name} is {values[0]:g} for right, nearly right and garbage replies alike",
                effect="a constant cancels inside each group: it teaches nothing",
                way_out="choose another --reward, or --alpha 0 for the detail",
            )
        else:
            varied.append(name)
    for one, other in combinations(varied, 2):
        if tied(columns[one], columns[other]):
            yield Finding(
                level="warning",
                code="tied-columns",
                found=f"{one} and {other} rise and fall together on all sample replies",
                effect="the second adds no signal, it only scales the first",
                way_out="leave one of them out (reward sparse, or --alpha 0)",
            )


def tied(one: Column, other: Column) -> bool:
    """Whether two columns are perfectly correlated where both apply (8 replies at least)."""
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None]
    if len(pairs) < _FEWEST:
        return False
    return abs(correlation([a for a, _ in pairs], [b for _, b in pairs])) > 1 - _SAME


def correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Pearson's; 0 where one of them is constant."""
    mean_one, mean_other = sum(one) / len(one), sum(other) / len(other)
    cov = sum((a - mean_one) * (b - mean_other) for a, b in zip(one, other, strict=True))
    scale = sqrt(sum((a - mean_one) ** 2 for a in one) * sum((b - mean_other) ** 2 for b in other))
    return cov / scale if scale > _SAME else 0.0
