"""The interval of a weighted mean when questions come in clusters."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Final

import numpy as np

from rm_eval.statistics.clustering import Floats, cluster_sums
from rm_eval.statistics.student import student_quantile

DRAWS: Final = 4000
MOST_DRAWN: Final = 1000
"""With more clusters than this the bootstrap is left out: the normal form says the same."""

_CHUNK: Final = 500


def cluster_interval(
    values: Sequence[float],
    weights: Sequence[float],
    clusters: Sequence[str],
    *,
    seed: int = 0,
) -> tuple[float, float]:
    """The 95 % interval of the weighted mean of scores in [0, 1], by the cluster bootstrap.

    Whole clusters are drawn with replacement, 4000 times, and the middle 95 % of the means are
    kept. With fewer than about 30 clusters such an interval is too narrow; it is then widened by
    the ratio of Student's to the normal quantile and by sqrt(G / (G - 1)) for G clusters. From one
    cluster nothing can be said: (0, 1). Where all clusters have the same mean, resampling shows no
    spread; the interval then reaches as far as one more cluster could: 1 - 0.025^(1 / G). The same
    input and seed give the same interval, in whatever order the questions are.

    Args:
        values: One score a question.
        weights: Positive, one a question.
        clusters: The name of the map or picture of each question.
        seed: Of the draws.

    Raises:
        ValueError: If the three are not equally long.
    """
    tops = cluster_sums([v * w for v, w in zip(values, weights, strict=True)], clusters)
    bottoms = cluster_sums(weights, clusters)
    count = len(tops)
    if count < 2:
        return 0.0, 1.0
    mean = float(tops.sum() / bottoms.sum())
    if robust_error(tops, bottoms) < 1e-12:
        unseen = 1 - 0.025 ** (1 / count)
        return max(0.0, mean - unseen), min(1.0, mean + unseen)
    if count > MOST_DRAWN:
        half = student_quantile(0.975, count - 1) * robust_error(tops, bottoms)
        return max(0.0, mean - half), min(1.0, mean + half)
    low, high = np.quantile(_means(tops, bottoms, seed), [0.025, 0.975])
    wider = student_quantile(0.975, count - 1) / 1.959963984540054 * sqrt(count / (count - 1))
    return (
        max(0.0, mean - wider * max(0.0, mean - float(low))),
        min(1.0, mean + wider * max(0.0, float(high) - mean)),
    )


def robust_error(tops: Floats, bottoms: Floats) -> float:
    """The standard error of sum(tops) / sum(bottoms) over two or more clusters (CR1)."""
    count = len(tops)
    residuals = tops - bottoms * (tops.sum() / bottoms.sum())
    scale = count / (count - 1)
    return float(np.sqrt(scale * np.square(residuals).sum()) / bottoms.sum())


def _means(tops: Floats, bottoms: Floats, seed: int) -> Floats:
    generator = np.random.default_rng(seed)
    count = len(tops)
    equal = np.full(count, 1 / count)
    means: list[Floats] = []
    for _ in range(0, DRAWS, _CHUNK):
        times = generator.multinomial(count, equal, size=_CHUNK)
        means.append((times @ tops) / (times @ bottoms))
    return np.concatenate(means)
