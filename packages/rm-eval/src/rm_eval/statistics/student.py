"""Student's t distribution with whole degrees of freedom, in closed form."""

from __future__ import annotations

from functools import cache
from math import atan, cos, pi, sin, sqrt


def student_cdf(t: float, df: int) -> float:
    """The probability that Student's t is at most `t` (Abramowitz and Stegun 26.7.3 and 26.7.4).

    Raises:
        ValueError: If there is not one degree of freedom at least.

    Example:
        >>> student_cdf(1.0, 1)
        0.75
    """
    if df < 1:
        raise ValueError(f"df: found {df}, expected 1 or more")
    angle = atan(t / sqrt(df))
    square = cos(angle) ** 2
    odd = df % 2
    term = total = 0.0
    if df > 1:
        term = total = cos(angle) if odd else 1.0
    for k in range(2 + odd, df - 1, 2):
        term *= square * (k - 1) / k
        total += term
    inside = 2 / pi * (angle + sin(angle) * total) if odd else sin(angle) * total
    return 0.5 + inside / 2


@cache
def student_quantile(p: float, df: int) -> float:
    """The t below which the share `p` lies, 0 < p < 1, to about twelve digits.

    Raises:
        ValueError: If `p` is not inside (0, 1), or there is no degree of freedom.

    Example:
        >>> round(student_quantile(0.975, 10), 4)
        2.2281
    """
    if not 0 < p < 1:
        raise ValueError(f"p: found {p}, expected a number between 0 and 1")
    if p < 0.5:
        return -student_quantile(1 - p, df)
    low, high = 0.0, 1.0
    while student_cdf(high, df) < p:
        low, high = high, 2 * high
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if student_cdf(middle, df) < p else (low, middle)
    return (low + high) / 2
