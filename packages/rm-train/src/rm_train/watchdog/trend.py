"""Does a series rise? Mann's test, which asks for no form of the rise and no distribution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import erfc, sqrt


def p_of_rise(series: Sequence[float]) -> float:
    r"""The probability of so many rises among all pairs if there were no trend (Mann 1945).

    $S = \sum_{i<j} \mathrm{sign}(x_j - x_i)$ is compared with a normal distribution of variance
    $(n(n-1)(2n+5) - \sum_t t(t-1)(2t+5)) / 18$, where t are the sizes of groups of equal values,
    with the correction for continuity. One-sided: of a falling series it is near 1. Ten values or
    more; 1 for a series without any difference.
    """
    n = len(series)
    rises = sum((b > a) - (b < a) for i, a in enumerate(series) for b in series[i + 1 :])
    ties = sum(t * (t - 1) * (2 * t + 5) for t in Counter(series).values())
    variance = (n * (n - 1) * (2 * n + 5) - ties) / 18
    if variance <= 0:
        return 1.0
    step = (rises > 0) - (rises < 0)
    return erfc((rises - step) / sqrt(variance) / sqrt(2)) / 2


def p_of_fall(series: Sequence[float]) -> float:
    """As `p_of_rise`, of the opposite."""
    return p_of_rise([-value for value in series])


def change(series: Sequence[float]) -> float:
    """The mean of the last third less that of the first."""
    third = max(1, len(series) // 3)
    return sum(series[-third:]) / third - sum(series[:third]) / third


def in_blocks(series: Sequence[float], count: int) -> list[float]:
    """Means of so many blocks of equal length, the first values left out if they do not fit."""
    size = len(series) // count
    used = series[len(series) - size * count :]
    return [sum(used[i : i + size]) / size for i in range(0, len(used), size)]
