"""Arms of an ablation held against each other on the same held-out questions.

Two things vary besides the arm: the run (seed, start) and the question (map). A difference that is
to hold for other runs and for other maps must be told from both, so each is tested by itself, with
the mean over the other, and the larger p counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import hypot, sqrt
from typing import Final, Literal, TypeAlias

import numpy as np

from rm_eval import Pair, holm, paired_test, student_quantile
from rm_train.ablation.design import Labels, Reach
from rm_train.ablation.outcome import Floats, HeldOut, Outcome
from rm_train.ablation.reaching import Reached, reached

Verdict: TypeAlias = Literal["better", "worse", "tie"]

_LEVEL: Final = 0.05


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One level of a factor against its baseline, all other things equal.

    Attributes:
        factor, level, baseline: What is compared.
        stratum: Where.
        kind: The held-out questions that are looked at, or `STEPS`.
        runs: Pairs of runs that differ in this factor alone.
        change: The mean difference, level less baseline; steps as a share of the horizon.
        p_questions: Clustered sign-flip test over maps; None for steps.
        p_runs: Sign-flip test over pairs of runs; with fewer than six it cannot be below 0.05.
        adjusted: The larger p after Holm's correction over the comparisons of this kind.
        detectable: The difference between runs that 80 % of such comparisons would find.
        verdict: What the adjusted p says.
    """

    factor: str
    level: str
    baseline: str
    stratum: Labels
    kind: str
    runs: int
    change: Interval
    p_questions: float | None
    p_runs: float
    adjusted: float
    detectable: float | None
    verdict: Verdict

    @property
    def p(self) -> float:
        """The larger of the two."""
        return max(self.p_runs, self.p_questions or 0.0)


STEPS: Final = "steps"
"""The kind of a difference in steps to the level."""


def student_interval(values: Floats) -> Interval:
    """The mean of one value a run with Student's interval; a single run tells nothing of it."""
    mean, count = float(values.mean()), len(values)
    if count < 2:
        return Interval(mean, mean, mean)
    half = student_quantile(0.975, count - 1) * float(values.std(ddof=1)) / sqrt(count)
    return Interval(mean, mean - half, mean + half)


def accuracy(runs: Sequence[Outcome], held_out: HeldOut, kind: str) -> Interval:
    """The mean accuracy of some runs on one kind of question.

    The half-width is the root of the sum of the squares of two of Student's: over runs and over
    maps. Of a single run the first is unknown and left out.
    """
    places = list(held_out.members[kind])
    correct = np.stack([run.correct[places] for run in runs])
    clusters = [held_out.clusters[place] for place in places]
    return _interval(np.zeros_like(correct), correct, clusters)


def differences(
    runs: Sequence[Outcome],
    held_out: HeldOut,
    factors: Mapping[str, str],
    kinds: Sequence[str],
    reach: Reach,
) -> list[Difference]:
    """Every level against its baseline, in every stratum, for every kind and for the steps.

    Args:
        runs: The finished ones.
        held_out: What they answered.
        factors: The baseline of each factor.
        kinds: The kinds of question.
        reach: When a run has learned.
    """
    found: list[Difference] = []
    for kind in (*kinds, STEPS):
        family: list[Difference] = []
        for factor, level, stratum, pairs in _matched(runs, factors):
            names = (factor, level, factors[factor], stratum, kind)
            if kind == STEPS:
                family.append(_of_steps(names, pairs, reach))
            else:
                family.append(_of_accuracy(names, pairs, held_out))
        adjusted = holm([one.p for one in family])
        found += [_judged(one, p) for one, p in zip(family, adjusted, strict=True)]
    return found


Pairs: TypeAlias = Sequence[tuple[Outcome, Outcome]]
_Names: TypeAlias = tuple[str, str, str, Labels, str]


def _matched(
    runs: Sequence[Outcome], factors: Mapping[str, str]
) -> Iterator[tuple[str, str, Labels, Pairs]]:
    """Pairs (baseline, level) of runs that differ in one factor alone."""
    by_labels = {_key(run): run for run in runs}
    strata = {tuple(run.trial.stratum.items()): run.trial.stratum for run in runs}
    for factor, baseline in factors.items():
        levels = dict.fromkeys(run.trial.arm[factor] for run in runs)
        for stratum in strata.values():
            for level in (one for one in levels if one != baseline):
                pairs = [
                    (other, run)
                    for run in runs
                    if run.trial.arm[factor] == level and run.trial.stratum == stratum
                    if (other := by_labels.get(_key(run, {factor: baseline}))) is not None
                ]
                if pairs:
                    yield factor, level, stratum, pairs


def _key(run: Outcome, instead: Labels | None = None) -> tuple[tuple[str, str], ...]:
    trial = run.trial
    arm = {**trial.arm, **(instead or {})}
    return tuple(
        {**trial.stratum, **trial.repeat, **{f"arm {k}": v for k, v in arm.items()}}.items()
    )


def _of_accuracy(names: _Names, pairs: Pairs, held_out: HeldOut) -> Difference:
    places = list(held_out.members[names[4]])
    clusters = [held_out.clusters[place] for place in places]
    before, after = (np.stack([pair[i].correct[places] for pair in pairs]) for i in (0, 1))
    by_question = paired_test(_pairs(before.mean(axis=0), after.mean(axis=0), clusters))
    by_run = paired_test(_by_run(before, after))
    return _difference(
        names, len(pairs), _interval(before, after, clusters), by_question.p, by_run.p,
        by_run.detectable,
    )  # fmt: skip


def _of_steps(names: _Names, pairs: Pairs, reach: Reach) -> Difference:
    found = [(time_of(before, reach), time_of(after, reach)) for before, after in pairs]
    horizon = min(one.last for pair in found for one in pair)
    shares = np.array([[one.until(horizon) / horizon for one in pair] for pair in found])
    before, after = shares[:, :1], shares[:, 1:]
    test = paired_test(_by_run(before, after))
    change = student_interval((after - before).mean(axis=1))
    return _difference(names, len(pairs), change, None, test.p, test.detectable)


def time_of(run: Outcome, reach: Reach) -> Reached:
    """When a run reached the level in training."""
    last = int(run.metrics[-1]["step"]) if run.metrics else 1
    return reached(run.trained(reach.kind), reach.level, reach.window, last)


def _difference(
    names: _Names,
    runs: int,
    change: Interval,
    p_questions: float | None,
    p_runs: float,
    detectable: float | None,
) -> Difference:
    factor, level, baseline, stratum, kind = names
    return Difference(
        factor=factor,
        level=level,
        baseline=baseline,
        stratum=stratum,
        kind=kind,
        runs=runs,
        change=change,
        p_questions=p_questions,
        p_runs=p_runs,
        adjusted=1.0,
        detectable=detectable,
        verdict="tie",
    )


def _judged(one: Difference, adjusted: float) -> Difference:
    more = one.change.mean > 0
    good = not more if one.kind == STEPS else more
    verdict: Verdict = "tie" if adjusted >= _LEVEL else "better" if good else "worse"
    return replace(one, adjusted=adjusted, verdict=verdict)


def _interval(before: Floats, after: Floats, clusters: Sequence[str]) -> Interval:
    by_question = paired_test(_pairs(before.mean(axis=0), after.mean(axis=0), clusters))
    half = by_question.high - by_question.difference
    half = max(half, by_question.difference - by_question.low)
    mean = float(after.mean() - before.mean())
    if len(after) > 1:
        half = hypot(half, student_interval((after - before).mean(axis=1)).high - mean)
    least = 0.0 if not before.any() else -1.0
    return Interval(mean, max(least, mean - half), min(1.0, mean + half))


def _by_run(before: Floats, after: Floats) -> list[Pair]:
    return _pairs(before.mean(axis=1), after.mean(axis=1), [str(n) for n in range(len(before))])


def _pairs(before: Floats, after: Floats, clusters: Sequence[str]) -> list[Pair]:
    return [
        Pair(float(a), float(b), 1.0, cluster)
        for a, b, cluster in zip(before, after, clusters, strict=True)
    ]
