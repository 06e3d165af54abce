"""How long an ablation takes, as far as it can be known before it begins."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from rm_rewards import Question, jsonl
from rm_train.ablation.design import Task
from rm_train.ablation.directory import finished
from rm_train.ablation.study import Planned, Work
from rm_train.ablation.task import training_questions
from rm_train.config import TrainConfig
from rm_train.curves import read_metrics
from rm_train.plan import planned
from rm_train.run_directory import RunDirectory

_STEP = 0.05
_REPLY = 0.0024
_REST = 12.0
"""Seconds on an idle core of the machine of docs/ablation.md, one thread, the embedded model: of a
step, of each reply in it, and of a run's start with the answers to 660 held-out questions."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is left of an ablation.

    Attributes:
        runs, done: How many runs, and how many of them are finished.
        steps: Of the runs that are left.
        seconds: One run at a time; None for a model of another size of which no run is finished.
        measured: Whether the time of a step was measured in this folder.
    """

    runs: int
    done: int
    steps: int
    seconds: float | None
    measured: bool

    def text(self, jobs: int) -> str:
        """One line for a person."""
        left = f"{self.runs} runs, {self.done} done, {self.steps} steps left"
        if self.seconds is None:
            return f"{left}; the time is unknown until a run of this size is finished (try --short)"
        how = "as measured in this folder" if self.measured else "on an idle core"
        return f"{left}: about {self.seconds / 60 / jobs:.0f} min with --jobs {jobs}, {how}"


def estimate(work: Work) -> Estimate:
    """What is left to do. Questions are made in a temporary folder if a run's length needs them."""
    left = [one for one in work.runs if not finished(work.directory.held_out(one.trial.name))]
    lengths = _lengths(work, left)
    measured = _measured(work)
    seconds = [_seconds(one.config, n, measured) for one, n in zip(left, lengths, strict=True)]
    known = [value for value in seconds if value is not None]
    return Estimate(
        runs=len(work.runs),
        done=len(work.runs) - len(left),
        steps=sum(lengths),
        seconds=sum(known) if len(known) == len(seconds) else None,
        measured=bool(measured),
    )


def _seconds(config: TrainConfig, steps: int, measured: dict[int, float]) -> float | None:
    replies = config.completions_per_step
    if replies in measured:
        return steps * measured[replies] + _REST
    return steps * (_STEP + _REPLY * replies) + _REST if config.device == "cpu" else None


def _measured(work: Work) -> dict[int, float]:
    """Mean seconds of a step by the number of its replies, over the finished runs."""
    found: dict[int, list[float]] = {}
    for one in work.runs:
        metrics = RunDirectory(work.directory.run(one.trial.name)).metrics
        if finished(work.directory.held_out(one.trial.name)) and metrics.is_file():
            times = [float(line["step_time"]) for line in read_metrics(metrics)]
            found.setdefault(one.config.completions_per_step, []).extend(times)
    return {replies: fmean(times) for replies, times in found.items() if times}


def _lengths(work: Work, runs: Sequence[Planned]) -> list[int]:
    """The steps of each run."""
    if all(one.config.max_steps for one in runs):
        return [one.config.max_steps for one in runs]
    with tempfile.TemporaryDirectory() as folder:
        questions = _questions(work.design.task, Path(folder), runs)
        return [one.config.max_steps or len(planned(questions, one.config)) for one in runs]


def _questions(task: Task | None, folder: Path, runs: Sequence[Planned]) -> list[Question]:
    own = runs[0].config.questions
    if task is not None:
        return list(jsonl.read(Question, training_questions(task, folder, 0)))
    return [] if own is None else list(jsonl.read(Question, own))
