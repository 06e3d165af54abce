"""What a run wrote down, read for the page. What a broken line says is left out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, cast

import yaml

from rm_rewards import Question, RecordError, jsonl
from rm_train.curves import read_metrics
from rm_train.run_directory import RunDirectory, RunError

Line: TypeAlias = Mapping[str, Any]

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#7f5f3f", "#555555")
"""Of the runs, in order: told apart also by those who see few colours."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One run.

    Attributes:
        name: Of its folder, made unique on the page.
        colour: Of its curves.
        metrics: A line a step of the reinforcement learning; empty for `rm-train sft`.
        warmup: A line a step of the supervised learning.
        samples: Replies that were sampled in training, with their rewards.
        alarms: What the watchdog wrote; None where there is no such file.
        settings: Every setting, sections as `lora.r`.
        versions: Packages, Python and fingerprints.
        text: config.yaml as it stands.
    """

    name: str
    colour: str
    directory: RunDirectory
    metrics: Sequence[Line]
    warmup: Sequence[Line]
    samples: Sequence[Line]
    alarms: Sequence[Line] | None
    settings: Mapping[str, object]
    versions: Mapping[str, object]
    text: str

    def questions(self) -> dict[str, tuple[Question, Path]]:
        """The questions it was trained on by id, and the folder that their pictures are in."""
        own = self.settings.get("questions")
        file = Path(str(own)) if own else self.directory.data / "train" / "questions.jsonl"
        try:
            return {q.id: (q, file.parent) for q in jsonl.read(Question, file)}
        except (OSError, RecordError):
            return {}  # moved or removed since; the page then shows replies alone


def read_runs(paths: Sequence[Path]) -> list[Recorded]:
    """The runs, in order.

    Raises:
        RunError: If a folder is no run, or has not made a step.
    """
    return [_read(path, _name(paths, place), place) for place, path in enumerate(paths)]


def _name(paths: Sequence[Path], place: int) -> str:
    """The folder's name; where several are called so, with its parent's, else with a number."""
    names = [path.resolve().name for path in paths]
    if names.count(names[place]) == 1:
        return names[place]
    longer = [
        f"{path.resolve().parent.name}/{name}" for path, name in zip(paths, names, strict=True)
    ]
    unique = longer.count(longer[place]) == 1
    return longer[place] if unique else f"{names[place]} ({place + 1})"


def _read(path: Path, name: str, place: int) -> Recorded:
    directory = RunDirectory(path)
    trained = directory.metrics.is_file() or directory.warmup_metrics.is_file()
    if not directory.started or not trained:
        raise RunError(f"{path}: config.yaml or metrics.jsonl is missing; expected a run directory")
    metrics, warmup = _steps(directory.metrics), _steps(directory.warmup_metrics)
    if not metrics and not warmup:
        raise RunError(f"{directory.metrics}: no step yet, so there is nothing to report")
    text = directory.config.read_text(encoding="utf-8")
    return Recorded(
        name,
        COLOURS[place % len(COLOURS)],
        directory,
        metrics,
        warmup,
        _lines(directory.samples),
        _lines(directory.alarms) if directory.alarms.is_file() else None,
        _settings(text, directory.config),
        _versions(directory.versions),
        text,
    )


def _lines(path: Path) -> list[Line]:
    found = read_metrics(path) if path.is_file() else []
    return [line for line in cast("list[object]", found) if isinstance(line, dict)]


def _steps(path: Path) -> list[Line]:
    return [line for line in _lines(path) if isinstance(line.get("step"), int)]


def _settings(text: str, path: Path) -> dict[str, object]:
    """Read as plain values: runs of other versions may have other settings."""
    try:
        return flat(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise RunError(f"{path}: not YAML: {' '.join(str(error).split())}") from None


def _versions(path: Path) -> dict[str, object]:
    try:
        return flat(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def flat(values: object, prefix: str = "") -> dict[str, object]:
    """Nested keys joined by dots."""
    if not isinstance(values, dict):
        return {}
    found: dict[str, object] = {}
    for key, value in cast("dict[object, object]", values).items():
        if isinstance(value, dict):
            found |= flat(cast("object", value), f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = value
    return found
