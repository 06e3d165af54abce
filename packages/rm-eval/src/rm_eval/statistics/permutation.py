"""Is a paired difference chance? The sign of each cluster's difference is flipped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from rm_eval.statistics.clustering import Clusters, Floats, Values, cluster_sums

_STEPS: Final = (1.0, 0.5, 0.25, 0.1)
_MOST_WORK: Final = 2_000_000_000
_DRAWS: Final = 20_000
_CHUNK: Final = 4_000_000
"""Signs that are drawn at a time."""


@dataclass(frozen=True, slots=True)
class Flip:
    """The two-sided p of a sign-flip test, and whether every flip was counted or some drawn."""

    p: float
    exact: bool


def sign_flip(differences: Values, clusters: Clusters, *, seed: int = 0) -> Flip:
    """The two-sided sign-flip permutation test of a sum of paired differences, by clusters.

    If neither run is better, each cluster's summed difference could as well have had the other
    sign. The p is the share of all sign patterns whose sum is at least as far from zero as the one
    found. Where the sums are whole multiples of 1, 0.5, 0.25 or 0.1, as right or wrong times a
    benchmark's weight always is, all patterns are counted by convolution, however many there are;
    otherwise 20,000 are drawn. With one question a cluster and no weights it is McNemar's exact p.

    Args:
        differences: Weight times score of the second run less that of the first, one a question.
        clusters: The name of the map or picture of each question.
        seed: Of the draws, where there are any.

    Raises:
        ValueError: If there is not one cluster a difference.

    Example:
        >>> sign_flip([1, 1, 1, 1], ["a", "b", "c", "d"]).p
        0.125
        >>> sign_flip([1, 1, 1, 1], ["a", "a", "b", "b"]).p
        0.5
    """
    sums = np.abs(signed := cluster_sums(differences, clusters))
    sums = sums[sums > 1e-12]
    found = abs(float(signed.sum()))
    if not len(sums):
        return Flip(1.0, exact=True)
    for step in _STEPS:
        counts = np.rint(sums / step).astype(np.int64)
        whole = bool(np.allclose(counts * step, sums, rtol=0, atol=1e-9))
        if whole and len(counts) * int(counts.sum()) <= _MOST_WORK:
            return Flip(_counted(counts, round(found / step)), exact=True)
    return Flip(_drawn(sums, found, seed), exact=False)


def _counted(counts: np.ndarray[tuple[int], np.dtype[np.int64]], found: int) -> float:
    """P(|sum of +-counts| >= found), from the distribution of the sum of a random half of them."""
    total = int(counts.sum())
    chance = np.zeros(total + 1)  # of the sum of those that keep a plus
    chance[0] = 1.0
    reached = 0
    for count in sorted(int(one) for one in counts):
        reached += count
        head = chance[: reached + 1 - count].copy()
        chance[: reached + 1] *= 0.5
        chance[count : reached + 1] += 0.5 * head
    sums = np.abs(2 * np.arange(total + 1) - total)
    return min(1.0, float(chance[sums >= found].sum()))


def _drawn(sums: Floats, found: float, seed: int) -> float:
    generator = np.random.default_rng(seed)
    beyond, left = 0, _DRAWS
    while left:
        rows = min(left, max(1, _CHUNK // len(sums)))
        signs = generator.integers(0, 2, size=(rows, len(sums)), dtype=np.int8) * 2 - 1
        beyond += int((np.abs(signs @ sums) >= found - 1e-9).sum())
        left -= rows
    return (1 + beyond) / (1 + _DRAWS)
