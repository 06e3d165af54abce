"""The questions of a run: read, checked and chosen before a model is loaded."""

from __future__ import annotations

import hashlib
import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from rm_eval.benchmarks import BENCHMARKS
from rm_eval.custom import asks_again, own_name
from rm_eval.errors import EvalError
from rm_eval.item import ITEMS, Item
from rm_eval.of_questions import OfQuestions
from rm_eval.stored import ById, Stored, none_stored, stored
from rm_eval.stratified import Limit, Member, chosen
from rm_eval.tasks import GENERAL, asks_maps, questions_file, types_of_tasks
from rm_rewards import PLANNING, Network, Question, answer_form, jsonl

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PATHS: Final = 4096
"""Of so many files the way from another folder is kept: many questions are about each."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Questions and the file they stand in; their paths are relative to its folder.

    `items` holds those of a prepared benchmark, by the id of their question; `own` is the name of
    a task of one's own, if the folder was prepared by a task file. Both are read from their files
    when they are asked for.
    """

    file: Path
    questions: Stored[Question]
    items: ById[Item]
    own: str = ""

    def has_item(self, question: Question) -> bool:
        """Whether a reply to the question is held against its item, and not by a reward."""
        return question.type in GENERAL or question.type == self.own

    def may_be_text(self, question: Question) -> bool:
        """Whether it may be asked without a picture: a row of a benchmark that has such rows."""
        benchmark = None if question.type == self.own else BENCHMARKS.get(question.type)
        return benchmark is not None and bool(benchmark.text_alone)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the records in their order, as they are written."""
        digest = hashlib.sha256()
        for record in chain(self.questions, self.items.records):
            digest.update(jsonl.dump(record).encode() + b"\n")
        return digest.hexdigest()

    def path(self, relative: str) -> Path:
        """Where a path of a question lies."""
        return self.file.parent / relative

    def moved_to(self, folder: Path) -> Iterator[Question]:
        """The questions one by one, with their paths made to start from that folder."""
        moved = self.way_from(folder)
        return (_moved(question, moved) for question in self.questions)

    def way_from(self, folder: Path) -> Callable[[str | None], str | None]:
        """What makes a path that a question names start from that folder."""
        return lru_cache(_PATHS)(partial(_path_from, self, folder.resolve()))

    def picked(self, places: Sequence[int]) -> Dataset:
        """The questions at these places, in that order, with their items."""
        questions = self.questions.picked(places)
        found = self.items.records.last_places(questions.keys)
        items = self.items.records.picked(found[found >= 0])
        return replace(self, questions=questions, items=ById(items))


def load_dataset(
    path: Path, *, tasks: Iterable[str] | None = None, limit: Limit | None = None, seed: int = 0
) -> Dataset:
    """The questions of a file, or of `questions.jsonl` in a folder, in the order of the file.

    Args:
        path: A file of one JSON question a line, or a folder.
        tasks: Names of `TASKS` to keep, or that of the folder's own task; None keeps every type in
            the file.
        limit: How many questions to keep, or as a float which share of them. Each type, and in it
            each category, keeps its share, at least one question if the limit allows; the orders of
            one HR-Bench question are kept together. `seed` decides which: the same ones in whatever
            order the file is, and those of a smaller limit among those of a larger one.
        seed: See `limit`.

    Raises:
        EvalError: If no question is left, or `limit` is neither a count nor a share.
        RecordError: At the first line that is no question, or repeats an id.
        OSError: If the file cannot be opened.
    """
    named = None if tasks is None else tuple(tasks)
    file = questions_file(path, named)
    if path.is_dir() and not file.is_file():
        raise EvalError(
            f"{path}: no {file.name} there, nor folders that hold one; make them with rm-eval "
            "prepare, or pass a file of questions"
        )
    own = own_name(file.parent)
    kinds, types = array("i"), dict[str, int]()
    read = stored(
        Question,
        file,
        note=lambda one: kinds.append(types.setdefault(one.type, len(types))),
        once=True,
    )
    wanted = frozenset(_wanted(types, named, own))
    places = np.flatnonzero(_are(kinds, types, lambda kind: kind in wanted))
    if not len(places):
        held = ", ".join(sorted(types)) or "no question"
        raise EvalError(f"{file}: no question to ask: the file holds {held}")
    graded = _are(kinds, types, lambda kind: kind in GENERAL or kind == own)[places]
    kept = read if len(places) == len(read) else read.picked(places)
    items = _items(file.parent / ITEMS, kept, graded)
    whole = Dataset(file, kept, ById(items), own)
    if limit is None:
        return whole
    return _limited(whole, limit, seed, own if asks_again(file.parent) else "")


def _are(
    kinds: array[int], types: Mapping[str, int], such: Callable[[str], bool]
) -> NDArray[np.bool]:
    """Which questions are of such a type: of each the number of its type, and whose it is."""
    return np.array([such(kind) for kind in types], dtype=np.bool)[np.asarray(kinds)]


def _wanted(types: Iterable[str], tasks: Sequence[str] | None, own: str) -> Iterable[str]:
    if tasks is None:
        return types
    kept, maps = types_of_tasks(tasks, filter(None, [own])), asks_maps(tasks)
    return [kind for kind in types if kind in kept or (maps and answer_form(kind))]


def load_networks(dataset: Dataset) -> OfQuestions[Network]:
    """The networks of the planning questions by the question's id; each file is read once.

    A question may come without one; its `routes` then decide alone.

    Raises:
        RecordError: If a network is missing or not usable.
        OSError: If a network file cannot be opened.
    """
    networks = jsonl.Networks(dataset.file.parent)

    def of(question: Question) -> Network | None:
        return networks.of(question) if question.type == PLANNING else None

    for question in dataset.questions:
        of(question)
    return OfQuestions(dataset.questions, of)


def _items(file: Path, questions: Stored[Question], needed: NDArray[np.bool]) -> Stored[Item]:
    """The items of these questions, in their order, where the folder is a prepared benchmark."""
    held = stored(Item, file) if file.is_file() else none_stored(Item, file)
    places = held.last_places(questions.keys)
    missing = np.flatnonzero(needed & (places < 0))
    if len(missing):
        question = questions[int(missing[0])]
        raise EvalError(
            f"{file}: no item for question {question.id!r} of {question.type}; make the folder "
            "with rm-eval prepare"
        )
    return held.picked(places[places >= 0])


def _limited(dataset: Dataset, limit: Limit, seed: int, whole: str) -> Dataset:
    items = dataset.items
    members = [_member(one, items.get(one.id), whole) for one in dataset.questions]
    kept = chosen(members, limit, seed)
    return dataset.picked([place for place, one in enumerate(members) if one.id in kept])


def _member(question: Question, item: Item | None, whole: str) -> Member:
    """The orders of one question, in a benchmark that has them, stand together.

    `whole` is a task of one's own that has them.
    """
    if item is None:
        return Member(question.id, (question.type, ""), question.id)
    benchmark = BENCHMARKS.get(item.task)
    ordered = item.task == whole or (benchmark is not None and benchmark.clusters == "question")
    together = item.cluster if ordered else ""
    unit = f"cluster {together}" if together else question.id
    return Member(question.id, (question.type, item.category), unit)


def _path_from(dataset: Dataset, folder: Path, relative: str | None) -> str | None:
    if relative is None:
        return None
    return os.path.relpath(dataset.path(relative).resolve(), folder)


def _moved(question: Question, moved: Callable[[str | None], str | None]) -> Question:
    inline = question.json if isinstance(question.json, Mapping) else moved(question.json)
    return replace(
        question, figure=moved(question.figure), network=moved(question.network), json=inline
    )
