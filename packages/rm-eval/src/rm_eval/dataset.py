"""The questions of a run: read, checked and chosen before a model is loaded."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rm_eval.errors import EvalError
from rm_eval.tasks import types_of_tasks
from rm_rewards import PLANNING, Network, Question, RecordError, jsonl


@dataclass(frozen=True, slots=True)
class Dataset:
    """Questions and the file they stand in; their paths are relative to its folder."""

    file: Path
    questions: tuple[Question, ...]

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the records in their order, as they are written."""
        digest = hashlib.sha256()
        for question in self.questions:
            digest.update(jsonl.dump(question).encode() + b"\n")
        return digest.hexdigest()

    def path(self, relative: str) -> Path:
        """Where a path of a question lies."""
        return self.file.parent / relative

    def moved_to(self, folder: Path) -> list[Question]:
        """The questions with their paths made to start from that folder."""
        return [_moved(self, question, folder) for question in self.questions]


def load_dataset(
    path: Path, *, tasks: Iterable[str] | None = None, limit: int | None = None, seed: int = 0
) -> Dataset:
    """The questions of a file, or of `questions.jsonl` in a folder, in the order of the file.

    Args:
        path: A file of one JSON question a line, or a folder.
        tasks: Names of `TASKS` to keep; None keeps every type in the file.
        limit: How many questions to keep. Each type keeps its share, and `seed` decides which:
            the same ones whatever their order in the file.
        seed: See `limit`.

    Raises:
        EvalError: If no question is left, or `limit` is below 1.
        RecordError: At the first line that is no question, or repeats an id.
        OSError: If the file cannot be opened.
    """
    file = path / "questions.jsonl" if path.is_dir() else path
    kept = read = _read(file)
    if tasks is not None:
        types = types_of_tasks(tasks)
        kept = [question for question in read if question.type in types]
    if not kept:
        held = ", ".join(sorted({question.type for question in read})) or "no question"
        raise EvalError(f"{file}: no question to ask: the file holds {held}")
    if limit is not None:
        kept = _limited(kept, limit, seed)
    return Dataset(file, tuple(kept))


def load_networks(dataset: Dataset) -> dict[str, Network]:
    """The networks of the planning questions by the question's id; each file is read once.

    A question may come without one; its `routes` then decide alone.

    Raises:
        RecordError: If a network is not usable.
        OSError: If a network file cannot be opened.
    """
    files: dict[str, Network] = {}
    found: dict[str, Network] = {}
    for question in dataset.questions:
        if question.type != PLANNING:
            continue
        relative = question.network or question.json
        if isinstance(relative, str):
            if relative not in files:
                files[relative] = jsonl.read_network(dataset.path(relative))
            found[question.id] = files[relative]
        elif relative is not None:
            found[question.id] = _inline(dataset, question, relative)
    return found


def _inline(dataset: Dataset, question: Question, lists: Mapping[str, tuple[str, ...]]) -> Network:
    return jsonl.network_from_json(
        {line: list(stops) for line, stops in lists.items()},
        city=question.city,
        country=question.country,
        where=f"{dataset.file}: question {question.id!r}: json",
    )


def _read(file: Path) -> list[Question]:
    places: dict[str, str] = {}
    questions: list[Question] = []
    for where, line in jsonl.lines(file):
        question = jsonl.parse(Question, line, where)
        if question.id in places:
            raise RecordError(
                "id", question.id, f"each id once (first at {places[question.id]})", where=where
            )
        places[question.id] = where
        questions.append(question)
    return questions


def _limited(questions: Sequence[Question], limit: int, seed: int) -> list[Question]:
    if limit < 1:
        raise EvalError(f"limit: found {limit}, expected 1 or more")
    shares = _shares(Counter(question.type for question in questions), limit)
    ranked = sorted(questions, key=lambda question: _rank(question.id, seed))
    chosen: set[str] = set()
    for kind, share in shares.items():
        chosen.update([question.id for question in ranked if question.type == kind][:share])
    return [question for question in questions if question.id in chosen]


def _shares(counts: Mapping[str, int], limit: int) -> dict[str, int]:
    """How many of each type, by the largest remainder."""
    total = sum(counts.values())
    wanted = min(limit, total)
    shares = {kind: wanted * count // total for kind, count in counts.items()}
    by_remainder = sorted(counts, key=lambda kind: (-(wanted * counts[kind] % total), kind))
    for kind in by_remainder[: wanted - sum(shares.values())]:
        shares[kind] += 1
    return shares


def _rank(identity: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{identity}".encode()).digest()


def _moved(dataset: Dataset, question: Question, folder: Path) -> Question:
    def moved(relative: str | None) -> str | None:
        if relative is None:
            return None
        return os.path.relpath(dataset.path(relative).resolve(), folder.resolve())

    inline = question.json if isinstance(question.json, Mapping) else moved(question.json)
    return replace(
        question, figure=moved(question.figure), network=moved(question.network), json=inline
    )
