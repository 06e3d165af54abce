"""The interval of a weighted mean when questions come in clusters."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt
from typing import TYPE_CHECKING, Final

import numpy as np

from rm_eval.statistics.clustering import Clusters, Codes, Floats, Values, part_sums
from rm_eval.statistics.student import student_quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

DRAWS: Final = 4000
MOST_DRAWN: Final = 1000
"""With more clusters than this the bootstrap is left out: the normal form says the same."""

_CHUNK: Final = 500


def cluster_interval(
    values: Values,
    weights: Values,
    clusters: Clusters,
    *,
    parts: Codes | None = None,
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
        parts: The part of each question, 0, 1, ...: the interval is then that of the plain mean of
            the parts' means, such as a mean over categories.
        seed: Of the draws.

    Raises:
        ValueError: If the three are not equally long.
    """
    tops = part_sums(np.multiply(values, weights), clusters, parts)
    bottoms = part_sums(weights, clusters, parts)
    count = tops.shape[1]
    if count < 2:
        return 0.0, 1.0
    mean = float((tops.sum(axis=1) / bottoms.sum(axis=1)).mean())
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
    """The standard error of the mean of sum(tops) / sum(bottoms) over the parts (CR1).

    Both are arrays [parts, clusters] of two or more clusters.
    """
    count = tops.shape[1]
    totals = bottoms.sum(axis=1, keepdims=True)
    residuals = ((tops - bottoms * (tops.sum(axis=1, keepdims=True) / totals)) / totals).mean(
        axis=0
    )
    return float(np.sqrt(count / (count - 1) * np.square(residuals).sum()))


def _means(tops: Floats, bottoms: Floats, seed: int) -> Floats:
    drawn = _drawn(tops.shape[1], seed)
    means: list[Floats] = []
    for first in range(0, DRAWS, _CHUNK):
        times = drawn[first : first + _CHUNK].astype(np.float64)
        held = times @ bottoms.T
        shares = np.divide(times @ tops.T, held, out=np.full(held.shape, np.nan), where=held > 0)
        means.append(np.nanmean(shares, axis=1))  # a part of which nothing was drawn is left out
    return np.concatenate(means)


@lru_cache(maxsize=2)  # a report asks for many intervals over the same clusters; 8 MB at most
def _drawn(count: int, seed: int) -> NDArray[np.int16]:
    """How often each cluster is in each draw."""
    generator = np.random.default_rng(seed)
    equal = np.full(count, 1 / count)
    return generator.multinomial(count, equal, size=DRAWS).astype(np.int16)
