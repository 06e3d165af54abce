"""Two runs on the same questions: the difference, how sure it is, and what may be said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from rm_eval.intervals import mcnemar
from rm_eval.statistics.bootstrap import robust_error
from rm_eval.statistics.clustering import Clusters, Floats, part_sums
from rm_eval.statistics.permutation import sign_flip
from rm_eval.statistics.power import least_net_change
from rm_eval.statistics.student import student_quantile

Verdict: TypeAlias = Literal["better", "worse", "tie"]

ALPHA: Final = 0.05
POWER: Final = 0.8


@dataclass(frozen=True, slots=True)
class Pair:
    """One question in two runs.

    Attributes:
        before, after: Its scores, in [0, 1]; right or wrong are 1 and 0.
        weight: Its weight in the mean, above 0.
        cluster: The map, picture or question it stands or falls with.
    """

    before: float
    after: float
    weight: float
    cluster: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedTest:
    """What two runs on the same questions allow to be said.

    Attributes:
        n, clusters: Questions, and clusters of them.
        difference: The weighted mean of the second run less that of the first.
        low, high: Its interval, 95 % unless `paired_test` had another `alpha`: Student's, with the
            cluster-robust error.
        gained, lost: Questions on which only the second, or only the first run scored higher.
        p: The clustered sign-flip test, two-sided.
        exact: Whether `p` counts every sign pattern; otherwise 20,000 were drawn.
        mcnemar: McNemar's exact p, which takes questions for independent and ignores weights.
        least_net: The least gained - lost that McNemar's test would call significant with as many
            changed questions; None if there is none.
        detectable: The true difference that would be found in 80 % of such comparisons, given how
            much the clusters differ here; None if they do not, or there is one cluster only.
    """

    n: int
    clusters: int
    difference: float
    low: float
    high: float
    gained: int
    lost: int
    p: float
    exact: bool
    mcnemar: float
    least_net: int | None
    detectable: float | None

    def verdict(self, p: float | None = None) -> Verdict:
        """`better` or `worse` where that p (default: the clustered one) is below 0.05, or `tie`."""
        if (self.p if p is None else p) >= ALPHA or self.difference == 0:
            return "tie"
        return "better" if self.difference > 0 else "worse"

    def not_worse_than(self, margin: float) -> bool:
        """Whether the second run is shown to lose less than `margin` (one-sided 2.5 % level)."""
        return self.low > -margin


def paired_test(pairs: Sequence[Pair], *, seed: int = 0, alpha: float = ALPHA) -> PairedTest:
    """Compare two runs on the same questions.

    Args:
        pairs: One a question, at least one.
        seed: Of the sign patterns, where they cannot all be counted.
        alpha: The level of interval, least net change and detectable difference.

    Raises:
        ValueError: If there are no pairs.
    """
    if not pairs:
        raise ValueError("pairs: found none, expected one a question")
    before, after, weights = np.array([(p.before, p.after, p.weight) for p in pairs], float).T
    names = [pair.cluster for pair in pairs]
    return paired_columns(before, after, weights, names, seed=seed, alpha=alpha)


def paired_columns(
    before: Floats,
    after: Floats,
    weights: Floats,
    clusters: Clusters,
    *,
    seed: int = 0,
    alpha: float = ALPHA,
) -> PairedTest:
    """As `paired_test`, of questions that are too many for an object each: pairs as columns."""
    changes = weights * (after - before)
    tops, bottoms = (part_sums(values, clusters) for values in (changes, weights))
    gained, lost = int((after > before).sum()), int((after < before).sum())
    difference = float(tops.sum() / bottoms.sum())
    half, detectable = _half_width(tops, bottoms, alpha)
    flip = sign_flip(changes, clusters, seed=seed)
    return PairedTest(
        n=len(changes),
        clusters=tops.shape[1],
        difference=difference,
        low=max(-1.0, difference - half),
        high=min(1.0, difference + half),
        gained=gained,
        lost=lost,
        p=flip.p,
        exact=flip.exact,
        mcnemar=mcnemar(gained, lost),
        least_net=least_net_change(gained + lost, alpha=alpha),
        detectable=detectable,
    )


def _half_width(tops: Floats, bottoms: Floats, alpha: float) -> tuple[float, float | None]:
    count = tops.shape[1]
    if count < 2:
        return 2.0, None
    # Where few clusters or none changed, the error is no measure of what was not seen: a cluster
    # changes with at most this probability if none of so many did (the "rule of three").
    unseen = 1 - (alpha / 2) ** (1 / count)
    error = robust_error(tops, bottoms)
    if error < 1e-12:
        return unseen, None
    reach = student_quantile(1 - alpha / 2, count - 1)
    return max(reach * error, unseen if _changed(tops) < 2 else 0.0), (
        reach + student_quantile(POWER, count - 1)
    ) * error


def _changed(tops: Floats) -> int:
    return int((abs(tops) > 1e-12).sum())
