"""Which runs a call makes: each model on each set of questions, and the folder of each."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rm_eval.custom import own_name
from rm_eval.errors import EvalError
from rm_eval.manifest import NAME
from rm_eval.tasks import TASKS, types_of_tasks
from rm_rewards import Question, RecordError, jsonl

_FILE: Final = "questions.jsonl"
_UNUSUAL: Final = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One run of several.

    Attributes:
        model: As it was named.
        label: The end of that name by which it differs from the other models.
        task: The set of questions: the name of its folder.
        data: The folder or file of the questions.
        tasks: Those of the named tasks that may be in the set; None: all of it.
        out: The run folder.
    """

    model: str
    label: str
    task: str
    data: Path
    tasks: tuple[str, ...] | None
    out: Path


def holds_sets(data: Path) -> bool:
    """Whether it is a folder of prepared folders, and not a set of questions itself."""
    return data.is_dir() and not (data / _FILE).is_file() and bool(_folders(data))


def planned(
    models: Sequence[str | Path],
    data: str | Path,
    out: str | Path,
    tasks: Iterable[str] | None = None,
) -> tuple[Planned, ...]:
    """The runs of a call, in `out/TASK` for one model and in `out/MODEL/TASK` for several.

    Args:
        models: Each once.
        data: A questions file, a folder with `questions.jsonl`, or a folder of such folders.
        out: The folder of the runs.
        tasks: Names of `TASKS` or of tasks of one's own; None takes every set. A set without a
            question of any of them is left out.

    Raises:
        EvalError: If a model is named twice, a task has no set, or `out` is itself a run.
    """
    root, place = Path(out), Path(data)
    if (root / NAME).is_file():
        raise EvalError(f"{root}: is the folder of one run, expected one for several; take another")
    labels = _labels([str(model) for model in models])
    sets = [_Set.of(folder) for folder in (_folders(place) if holds_sets(place) else [place])]
    chosen = _chosen(sets, None if tasks is None else tuple(tasks), place)
    return tuple(
        Planned(
            model=str(model),
            label=label,
            task=one.name,
            data=one.data,
            tasks=names,
            out=(root / label if len(labels) > 1 else root) / one.name,
        )
        for model, label in zip(models, labels, strict=True)
        for one, names in chosen
    )


@dataclass(frozen=True, slots=True)
class _Set:
    """Questions of one place; `types` is empty where they cannot be read, which its run tells."""

    name: str
    data: Path
    own: str
    types: frozenset[str]

    @classmethod
    def of(cls, data: Path) -> _Set:
        file = data / _FILE if data.is_dir() else data
        try:
            types = frozenset(question.type for question in jsonl.read(Question, file))
        except (RecordError, OSError):
            types = frozenset[str]()
        whole = data.is_dir() or data.name == _FILE
        name = file.absolute().parent.name if whole else file.stem
        return cls(_plain(name), data, own_name(file.parent), types)

    @property
    def place(self) -> int:
        """Where its first type stands among those that are known."""
        places = {kind: at for at, kind in enumerate(types_of_tasks(TASKS))}
        return min((places.get(kind, len(places)) for kind in self.types), default=len(places))

    def holds(self, task: str) -> bool:
        """Whether a question of it is of that task."""
        if task == self.own:
            return True
        return task in TASKS and (not self.types or bool(self.types & {*TASKS[task]}))


def _folders(data: Path) -> list[Path]:
    return sorted(
        folder
        for folder in data.iterdir()
        if (folder / _FILE).is_file() and not folder.name.startswith(".")
    )


def _chosen(
    sets: Sequence[_Set], tasks: tuple[str, ...] | None, place: Path
) -> list[tuple[_Set, tuple[str, ...] | None]]:
    """The sets that hold any of the tasks, published ones first, each with those that it holds."""
    ordered = sorted(sets, key=lambda one: (one.place, one.name))
    if tasks is None:
        return [(one, None) for one in ordered]
    types_of_tasks(tasks, [one.own for one in sets if one.own])
    for task in tasks:
        if not any(one.holds(task) for one in sets):
            held = ", ".join(one.name for one in ordered)
            raise EvalError(f"{place}: no question of {task} there, found the sets {held}")
    pairs = [(one, tuple(task for task in tasks if one.holds(task))) for one in ordered]
    return [(one, names) for one, names in pairs if names]


def _labels(models: Sequence[str]) -> list[str]:
    """The last part of each name; more of the path where that does not tell them apart."""
    if not models:
        raise EvalError("models: found none, expected at least one")
    parts = [_parts(model) for model in models]
    for depth in range(1, max(map(len, parts)) + 1):
        labels = ["-".join(_plain(part) for part in one[-depth:]) for one in parts]
        if len(set(labels)) == len(labels):
            return labels
    twice = next(model for at, model in enumerate(models) if parts[at] in parts[:at])
    raise EvalError(f"models: found {twice!r} twice, expected each once")


def _parts(model: str) -> list[str]:
    path = os.path.abspath(model) if Path(model).exists() else model  # noqa: PTH100 - links stay
    return [part for part in path.split("/") if part]


def _plain(name: str) -> str:
    """A name that can be a folder's and stand in a table."""
    return _UNUSUAL.sub("_", name).lstrip(".") or "_"
