"""What an ablation found: a line for each arm, a line for each difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import fmean
from typing import Final

import numpy as np

from rm_rewards import PLANNING
from rm_train.ablation.comparison import Difference, Interval, accuracy, differences, time_of
from rm_train.ablation.design import Design, Labels
from rm_train.ablation.outcome import ALL, OTHER, Floats, Outcome, Outcomes
from rm_train.ablation.reaching import Steps, steps_of

NOT_RUN: Final = "not run"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmLine:
    """What the runs of one arm in one stratum came to.

    Attributes:
        arm, stratum: Their labels.
        runs: How many are finished.
        seconds: Mean time of a step.
        accuracy: At the end, by kind of question.
        before: The mean accuracy of the models they started from.
        steps: When they reached the level in training.
        dead: Share of groups without an advantage, and the same where the watched type was asked.
        without_gradient: Share of steps that changed nothing.
        entropy: Of a token where the watched type was asked, at the start and at the end.
        legs: The share of planning replies with as many legs as the gold route, and the share with
            one leg, at the end.
        legs_before: The same of the models they started from.
    """

    arm: Labels
    stratum: Labels
    runs: int
    seconds: float
    accuracy: Mapping[str, Interval]
    before: Mapping[str, float]
    steps: Steps
    dead: tuple[float, float]
    without_gradient: float
    entropy: tuple[float, float]
    legs: tuple[float, float]
    legs_before: tuple[float, float]


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run: its labels, and the accuracy by kind before (if measured) and after."""

    labels: Labels
    before: Mapping[str, float]
    after: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All of a report.

    Attributes:
        design: What was planned.
        planned, finished: How many runs.
        missing: The runs that are not finished, with the reason of those that failed.
        kinds: The kinds of held-out questions, with how many there are.
        maps: How many maps they are about.
        arms, differences, runs: The lines.
    """

    design: Design
    planned: int
    finished: int
    missing: Mapping[str, str]
    kinds: Mapping[str, int]
    maps: int
    arms: tuple[ArmLine, ...]
    differences: tuple[Difference, ...]
    runs: tuple[RunLine, ...]


def summarise(outcomes: Outcomes, reasons: Mapping[str, str]) -> Summary:
    """The lines of the report.

    Args:
        outcomes: What is finished.
        reasons: Why runs failed, by their names.
    """
    design, held_out = outcomes.work.design, outcomes.held_out
    groups: dict[tuple[tuple[str, str], ...], list[Outcome]] = {}
    for run in outcomes.runs:
        key = (*run.trial.stratum.items(), *run.trial.arm.items())
        groups.setdefault(key, []).append(run)
    models = {one.trial.name: one.model for one in outcomes.work.runs}
    kinds = [kind for kind in (PLANNING, OTHER, ALL) if kind in held_out.members]
    return Summary(
        design=design,
        planned=len(outcomes.work.runs),
        finished=len(outcomes.runs),
        missing={name: reasons.get(name, NOT_RUN) for name in outcomes.missing},
        kinds={kind: len(places) for kind, places in held_out.members.items()},
        maps=len(set(held_out.clusters)),
        arms=tuple(_arm(runs, outcomes, models) for runs in groups.values()),
        differences=tuple(
            differences(outcomes.runs, held_out, design.baseline, kinds, design.reach)
        ),
        runs=tuple(_run(run, outcomes, models) for run in outcomes.runs),
    )


def _run(run: Outcome, outcomes: Outcomes, models: Mapping[str, str]) -> RunLine:
    start = outcomes.before.get(models[run.trial.name])
    trial = run.trial

    return RunLine(
        {**trial.stratum, **trial.arm, **trial.repeat},
        _by_kind(start, outcomes),
        _by_kind(run, outcomes),
    )


def _by_kind(one: Outcome | None, outcomes: Outcomes) -> dict[str, float]:
    if one is None:
        return {}
    members = outcomes.held_out.members.items()
    return {kind: float(one.correct[list(places)].mean()) for kind, places in members}


def _arm(runs: Sequence[Outcome], outcomes: Outcomes, models: Mapping[str, str]) -> ArmLine:
    held_out, reach = outcomes.held_out, outcomes.work.design.reach
    starts = [outcomes.before.get(models[run.trial.name]) for run in runs]
    known = [start for start in starts if start is not None]
    entropies = [run.entropy(reach.kind) for run in runs]
    return ArmLine(
        arm=runs[0].trial.arm,
        stratum=runs[0].trial.stratum,
        runs=len(runs),
        seconds=_mean([float(line["step_time"]) for run in runs for line in run.metrics]),
        accuracy={kind: accuracy(runs, held_out, kind) for kind in held_out.members},
        before={
            kind: fmean(float(start.correct[list(places)].mean()) for start in known)
            for kind, places in held_out.members.items()
            if known
        },
        steps=steps_of([time_of(run, reach) for run in runs]),
        dead=(_mean([run.dead() for run in runs]), _mean([run.dead(reach.kind) for run in runs])),
        without_gradient=_mean([run.without_gradient() for run in runs]),
        entropy=(_mean([start for start, _ in entropies]), _mean([end for _, end in entropies])),
        legs=_legs(runs, held_out.legs),
        legs_before=_legs(known, held_out.legs),
    )


def _legs(runs: Sequence[Outcome], gold: Floats) -> tuple[float, float]:
    asked = ~np.isnan(gold)
    right = [float(value) for run in runs for value in run.legs[asked] == gold[asked]]
    return _mean(right), _mean([float(value) for run in runs for value in run.legs[asked] == 1])


def _mean(values: Sequence[float]) -> float:
    found = [value for value in values if isfinite(value)]
    return fmean(found) if found else float("nan")
