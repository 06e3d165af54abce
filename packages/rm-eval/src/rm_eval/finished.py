"""Finished runs, read back from their folders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rm_eval.errors import EvalError
from rm_eval.job import QUESTIONS, REWARDS
from rm_eval.manifest import Manifest, read_manifest
from rm_eval.metrics import Graded
from rm_rewards import Question, Reward, jsonl


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run, read from its folder. `name` heads its column."""

    name: str
    manifest: Manifest
    graded: tuple[Graded, ...]


def read_runs(folders: Sequence[Path]) -> list[Run]:
    """Finished runs, each named by its folder; by the whole path where two are called the same.

    Raises:
        EvalError, RecordError, OSError: As `read_run`.
    """
    return [read_run(*pair) for pair in zip(folders, _column_names(folders), strict=True)]


def read_run(folder: Path, name: str) -> Run:
    """A finished run under that name.

    Raises:
        EvalError: If the folder is no finished run.
        RecordError: If a file of it is damaged.
        OSError: If a file cannot be read.
    """
    manifest = read_manifest(folder)
    if not (folder / REWARDS).is_file():
        raise EvalError(f"{folder}: the run is not finished; go on with the same rm-eval bench")
    questions = list(jsonl.read(Question, folder / QUESTIONS))
    rewards = list(jsonl.read(Reward, folder / REWARDS))
    if [question.id for question in questions] != [reward.question_id for reward in rewards]:
        raise EvalError(f"{folder}: {QUESTIONS} and {REWARDS} do not fit together; run it anew")
    graded = (Graded(*pair) for pair in zip(questions, rewards, strict=True))
    blind = " (blind)" if manifest.settings.blind else ""
    return Run(name + blind, manifest, tuple(graded))


def _column_names(folders: Sequence[Path]) -> list[str]:
    short = [folder.resolve().name for folder in folders]
    times = Counter(short)
    return [
        name if times[name] == 1 else str(folder)
        for name, folder in zip(short, folders, strict=True)
    ]
