"""What a finished trial answered to the held-out questions, and how its training went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from rm_eval import Sample, read_samples
from rm_rewards import PLANNING
from rm_train.ablation.design import Trial
from rm_train.ablation.directory import finished
from rm_train.ablation.study import Work
from rm_train.curves import read_metrics
from rm_train.run_directory import RunDirectory, RunError

Floats: TypeAlias = npt.NDArray[np.float64]

ALL: Final = "all"
OTHER: Final = "all but planning"
_LEG: Final = "Route Name:"


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The questions that every run answered.

    Attributes:
        ids, clusters: Of each question; a cluster is a map.
        legs: Of the gold route of each question; nan where it asks for no route.
        members: The places of the questions of each kind: all, all but planning, each type, and
            planning by the number of legs.
    """

    ids: tuple[str, ...]
    clusters: tuple[str, ...]
    legs: Floats
    members: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished trial.

    Attributes:
        correct: 1 or 0 for each held-out question.
        legs: Of the route in each reply; nan where the question asks for no route.
        metrics: The lines of metrics.jsonl; empty for a model that was not trained.
    """

    trial: Trial
    correct: Floats
    legs: Floats
    metrics: Sequence[Mapping[str, Any]]

    def trained(self, kind: str) -> tuple[tuple[int, float], ...]:
        """The steps that asked questions of a type, with the accuracy of their replies."""
        return tuple(
            (int(line["step"]), float(line["accuracy_by_type"][kind]))
            for line in self.metrics
            if kind in line["accuracy_by_type"]
        )

    def dead(self, kind: str | None = None) -> float:
        """The share of groups without an advantage, over the steps that ask that type."""
        lines = [m for m in self.metrics if kind is None or kind in m["accuracy_by_type"]]
        return _mean([float(line.get("dead_groups", np.nan)) for line in lines])

    def without_gradient(self) -> float:
        """The share of steps that changed nothing: every group was dead."""
        return _mean([float(line.get("grad_norm", np.nan) == 0) for line in self.metrics])

    def entropy(self, kind: str) -> tuple[float, float]:
        """The mean entropy of a token, over the first and over the last tenth of such steps."""
        lines = [line for line in self.metrics if kind in line["accuracy_by_type"]]
        values = [float(line.get("entropy", np.nan)) for line in lines]
        tenth = max(1, len(values) // 10)
        return _mean(values[:tenth]), _mean(values[-tenth:])


@dataclass(frozen=True, slots=True)
class Outcomes:
    """All that is finished.

    Attributes:
        runs: The finished trials, in the order of the design.
        before: By the model that runs start from: its own answers.
        missing: The trials that are not finished.
    """

    work: Work
    held_out: HeldOut
    runs: tuple[Outcome, ...]
    before: Mapping[str, Outcome]
    missing: tuple[str, ...]


def read_outcomes(work: Work) -> Outcomes:
    """What is finished of an ablation.

    Raises:
        RunError: If nothing is, or two runs answered different questions.
        EvalError, RecordError, OSError: If a folder is damaged.
    """
    directory = work.directory
    done = [one for one in work.runs if finished(directory.held_out(one.trial.name))]
    if not done:
        raise RunError(f"{directory.path}: no run is finished; call ablate without --report-only")
    samples = list(read_samples(directory.held_out(done[0].trial.name)))
    held_out = _held_out(samples)
    runs: list[Outcome] = []
    for one in done:
        name = one.trial.name
        metrics = read_metrics(RunDirectory(directory.run(name)).metrics)
        runs.append(_outcome(one.trial, held_out, directory.held_out(name), metrics))
    before = {
        one.model: _outcome(one.trial, held_out, directory.before(name), ())
        for name, one in work.before().items()
        if finished(directory.before(name))
    }
    names = {one.trial.name for one in done}
    missing = tuple(one.trial.name for one in work.runs if one.trial.name not in names)
    return Outcomes(work, held_out, tuple(runs), before, missing)


def _outcome(
    trial: Trial, held_out: HeldOut, folder: Path, metrics: Sequence[Mapping[str, Any]]
) -> Outcome:
    samples = list(read_samples(folder))
    if tuple(sample.id for sample in samples) != held_out.ids:
        raise RunError(f"{folder}: answers to other questions than the first run; remove it")
    correct = np.array([float(sample.correct) for sample in samples])
    legs = np.array([_legs(sample, sample.reply) for sample in samples])
    return Outcome(trial, correct, legs, metrics)


def _held_out(samples: Sequence[Sample]) -> HeldOut:
    members: dict[str, list[int]] = {ALL: list(range(len(samples)))}
    for place, sample in enumerate(samples):
        names = [sample.type]
        if sample.type == PLANNING:
            legs = (sample.gold or "").count(_LEG)
            names.append(f"{PLANNING}, {legs} leg{'s' * (legs > 1)}")
        else:
            names.append(OTHER)
        for name in names:
            members.setdefault(name, []).append(place)
    return HeldOut(
        ids=tuple(sample.id for sample in samples),
        clusters=tuple(sample.cluster for sample in samples),
        legs=np.array([_legs(sample, sample.gold or "") for sample in samples]),
        members={name: tuple(places) for name, places in sorted(members.items())},
    )


def _legs(sample: Sample, route: str) -> float:
    return float(route.count(_LEG)) if sample.type == PLANNING else float("nan")


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
