"""Means with confidence intervals: Student's t on one value a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import atan, cos, fsum, pi, sin, sqrt
from statistics import stdev
from typing import Final

LEVEL: Final = 0.95
"""The share of such intervals that hold the true mean, if the values are near to normal."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and the ends of its confidence interval. With one value the ends are the mean."""

    mean: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether both ends lie on the same side of 0."""
        return self.low > 0.0 or self.high < 0.0


def interval(values: Sequence[float]) -> Interval:
    """The mean of the values and its interval; a single value tells nothing of its spread."""
    mean = fsum(values) / len(values)
    if len(values) < 2:
        return Interval(mean, mean, mean)
    half = t_quantile(len(values) - 1) * stdev(values) / sqrt(len(values))
    return Interval(mean, mean - half, mean + half)


@cache
def t_quantile(freedom: int, level: float = LEVEL) -> float:
    """Where the two-sided share of Student's t is `level`; `freedom` is 1 or more."""
    low, high = 0.0, 1.0
    while _central(high, freedom) < level:
        high *= 2.0
    for _ in range(80):
        middle = (low + high) / 2.0
        low, high = (middle, high) if _central(middle, freedom) < level else (low, middle)
    return (low + high) / 2.0


def _central(t: float, freedom: int) -> float:
    """P(|T| < t): Abramowitz and Stegun 26.7.3 and 26.7.4."""
    angle = atan(t / sqrt(freedom))
    first = freedom % 2
    term = cos(angle) if first else 1.0
    total = term if freedom > 1 else 0.0
    for n in range(first + 2, freedom - 1, 2):
        term *= cos(angle) ** 2 * (n - 1) / n
        total += term
    return 2.0 / pi * (angle + sin(angle) * total) if first else sin(angle) * total
