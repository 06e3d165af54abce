"""The questions of a run: read, checked and chosen before a model is loaded."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rm_eval.benchmarks import BENCHMARKS
from rm_eval.custom import asks_again, own_name
from rm_eval.errors import EvalError
from rm_eval.item import ITEMS, Item
from rm_eval.stratified import Limit, Member, chosen
from rm_eval.tasks import GENERAL, asks_maps, questions_file, types_of_tasks
from rm_rewards import PLANNING, Network, Question, answer_form, jsonl


@dataclass(frozen=True, slots=True)
class Dataset:
    """Questions and the file they stand in; their paths are relative to its folder.

    `items` holds those of a prepared benchmark, by the id of their question; `own` is the name of
    a task of one's own, if the folder was prepared by a task file.
    """

    file: Path
    questions: tuple[Question, ...]
    items: Mapping[str, Item] = field(default_factory=dict[str, Item])
    own: str = ""

    def has_item(self, question: Question) -> bool:
        """Whether a reply to the question is held against its item, and not by a reward."""
        return question.type in GENERAL or question.type == self.own

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the records in their order, as they are written."""
        digest = hashlib.sha256()
        for record in (*self.questions, *self.items.values()):
            digest.update(jsonl.dump(record).encode() + b"\n")
        return digest.hexdigest()

    def path(self, relative: str) -> Path:
        """Where a path of a question lies."""
        return self.file.parent / relative

    def moved_to(self, folder: Path) -> Iterator[Question]:
        """The questions one by one, with their paths made to start from that folder."""
        return (_moved(self, question, folder) for question in self.questions)


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
    kept = read = [question for _, question in jsonl.read_by_id(Question, file).values()]
    if named is not None:
        types, maps = types_of_tasks(named, filter(None, [own])), asks_maps(named)
        kept = [one for one in read if one.type in types or (maps and answer_form(one.type))]
    if not kept:
        held = ", ".join(sorted({question.type for question in read})) or "no question"
        raise EvalError(f"{file}: no question to ask: the file holds {held}")
    items = _items(file.parent / ITEMS, kept, own)
    if limit is not None:
        whole = own if asks_again(file.parent) else ""
        kept = _limited(kept, items, limit, seed, whole)
        items = {question.id: items[question.id] for question in kept if question.id in items}
    return Dataset(file, tuple(kept), items, own)


def load_networks(dataset: Dataset) -> dict[str, Network]:
    """The networks of the planning questions by the question's id; each file is read once.

    A question may come without one; its `routes` then decide alone.

    Raises:
        RecordError: If a network is missing or not usable.
        OSError: If a network file cannot be opened.
    """
    networks = jsonl.Networks(dataset.file.parent)
    planning = (question for question in dataset.questions if question.type == PLANNING)
    found = ((question.id, networks.of(question)) for question in planning)
    return {identity: network for identity, network in found if network is not None}


def _items(file: Path, questions: Iterable[Question], own: str) -> dict[str, Item]:
    """The items of these questions, in their order, where the folder is a prepared benchmark."""
    held = {item.id: item for item in jsonl.read(Item, file)} if file.is_file() else {}
    _check_prepared(questions, set(held), file, own)
    return {question.id: held[question.id] for question in questions if question.id in held}


def _check_prepared(questions: Iterable[Question], held: set[str], file: Path, own: str) -> None:
    for question in questions:
        if (question.type in GENERAL or question.type == own) and question.id not in held:
            raise EvalError(
                f"{file}: no item for question {question.id!r} of {question.type}; make the folder "
                "with rm-eval prepare"
            )


def _limited(
    questions: Sequence[Question], items: Mapping[str, Item], limit: Limit, seed: int, whole: str
) -> list[Question]:
    kept = chosen((_member(one, items.get(one.id), whole) for one in questions), limit, seed)
    return [question for question in questions if question.id in kept]


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


def _moved(dataset: Dataset, question: Question, folder: Path) -> Question:
    def moved(relative: str | None) -> str | None:
        if relative is None:
            return None
        return os.path.relpath(dataset.path(relative).resolve(), folder.resolve())

    inline = question.json if isinstance(question.json, Mapping) else moved(question.json)
    return replace(
        question, figure=moved(question.figure), network=moved(question.network), json=inline
    )
