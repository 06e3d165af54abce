"""How sure a share is, and whether two runs on the same questions differ."""

from __future__ import annotations

from math import exp, lgamma, log, sqrt
from typing import Final

Z95: Final = 1.959963984540054
"""The two-sided 95 % point of the normal distribution."""

_MOST_COUNTED: Final = 1000
"""With more changes than this, whole numbers take too long: they grow by a bit a question."""


def wilson(correct: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of a share (Wilson 1927), as (low, high) in [0, 1].

    Without questions nothing is known: (0, 1).

    Example:
        >>> low, high = wilson(81, 263)  # Newcombe 1998, table I: 0.2553 to 0.3662
        >>> round(low, 4), round(high, 4)
        (0.2553, 0.3662)
    """
    if n == 0:
        return 0.0, 1.0
    share = correct / n
    middle = share + z * z / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = 0.0 if correct == 0 else (middle - half) / scale
    high = 1.0 if correct == n else (middle + half) / scale
    return low, high


def mcnemar(gained: int, lost: int) -> float:
    """The exact two-sided p of McNemar's test: a binomial test on the questions that changed.

    Args:
        gained: Questions that only the second run has right.
        lost: Questions that only the first run has right.

    Example:
        >>> mcnemar(4, 0)
        0.125
    """
    changed, fewer = gained + lost, min(gained, lost)
    if changed > _MOST_COUNTED:
        return min(1.0, 2 * _tail(changed, fewer))
    term = tail = 1  # C(changed, k), summed from k = 0 to the smaller count
    for k in range(1, fewer + 1):
        term = term * (changed - k + 1) // k
        tail += term
    return min(1.0, 2 * tail / 2**changed)


def _tail(n: int, most: int) -> float:
    """P(X <= most) of a fair binomial X of n, most <= n / 2, to about eight digits."""
    size = lgamma(n + 1) - lgamma(most + 1) - lgamma(n - most + 1) - n * log(2)
    term = total = 1.0  # C(n, k) / C(n, most), from k = most downwards
    for k in range(most, 0, -1):
        term *= k / (n - k + 1)
        total += term
        if term < 1e-17 * total:
            break
    return exp(size) * total
