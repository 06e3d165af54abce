"""Finished runs, read back from their folders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rm_eval.errors import EvalError
from rm_eval.item import ITEMS, Item
from rm_eval.job import QUESTIONS, REWARDS
from rm_eval.manifest import NAME, Manifest, Settings, read_manifest
from rm_eval.metrics import Graded
from rm_rewards import Question, Reward, jsonl


@dataclass(frozen=True, slots=True)
class Run:
    """Finished runs of one model, read from a folder. `name` heads their column.

    Attributes:
        name: The folder's, marked if the runs are blind.
        manifests: By the name of the folder inside; one named `.` for a folder that is a run.
        graded: The questions of all of them.
    """

    name: str
    manifests: Mapping[str, Manifest]
    graded: tuple[Graded, ...]

    @property
    def settings(self) -> Settings:
        """The settings, of the first where there are several."""
        return next(iter(self.manifests.values())).settings

    @property
    def versions(self) -> Mapping[str, str]:
        """The library versions, likewise."""
        return next(iter(self.manifests.values())).versions


def read_runs(folders: Sequence[Path]) -> list[Run]:
    """Finished runs, each named by its folder; by the whole path where two are called the same.

    Raises:
        EvalError, RecordError, OSError: As `read_run`.
    """
    return [read_run(*pair) for pair in zip(folders, _column_names(folders), strict=True)]


def read_run(folder: Path, name: str) -> Run:
    """The finished run in a folder, or the runs in the folders inside it.

    Raises:
        EvalError: If there is no finished run.
        RecordError: If a file of it is damaged.
        OSError: If a file cannot be read.
    """
    inside = sorted(file.parent for file in folder.glob(f"*/{NAME}"))
    places = [folder] if (folder / NAME).is_file() or not inside else inside
    manifests = {str(place.relative_to(folder)): read_manifest(place) for place in places}
    graded = tuple(one for place in places for one in _graded(place))
    run = Run(name, manifests, graded)
    return replace(run, name=f"{name} (blind)") if run.settings.blind else run


def _graded(folder: Path) -> Iterator[Graded]:
    if not (folder / REWARDS).is_file():
        raise EvalError(f"{folder}: the run is not finished; go on with the same rm-eval bench")
    questions = list(jsonl.read(Question, folder / QUESTIONS))
    rewards = list(jsonl.read(Reward, folder / REWARDS))
    if [question.id for question in questions] != [reward.question_id for reward in rewards]:
        raise EvalError(f"{folder}: {QUESTIONS} and {REWARDS} do not fit together; run it anew")
    items = folder / ITEMS
    units = {one.id: one.cluster for one in jsonl.read(Item, items)} if items.is_file() else {}
    for question, reward in zip(questions, rewards, strict=True):
        yield Graded(question, reward, units.get(question.id, ""))


def _column_names(folders: Sequence[Path]) -> list[str]:
    short = [folder.resolve().name for folder in folders]
    times = Counter(short)
    return [
        name if times[name] == 1 else str(folder)
        for name, folder in zip(short, folders, strict=True)
    ]
