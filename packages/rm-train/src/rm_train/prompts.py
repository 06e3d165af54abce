"""Questions as the trainer wants them: prompts whose pictures open when they are asked for.

Nothing but numbers lies in the dataset. Prompt and picture are made on access, and the pictures
last used are kept, so that the copies of a question in a group share one decoded picture.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from datasets import Dataset  # pyright: ignore[reportMissingTypeStubs] - has no stubs
from PIL import Image

from rm_eval import EvalError, read_picture
from rm_rewards import Question, RecordError, gold_answer, jsonl
from rm_train.plan import Step
from rm_train.replies_file import Lesson

Message: TypeAlias = dict[str, str]
Fit: TypeAlias = Callable[[Image.Image], Image.Image]


def _as_it_is(picture: Image.Image) -> Image.Image:
    return picture


_LONGEST_RATIO = 200
"""Qwen2.5-VL refuses pictures that are longer than so many times their width."""


@dataclass(frozen=True, slots=True)
class Material:
    """Questions with their pictures, all of them checked.

    Attributes:
        questions: In the order of the file.
        pictures: For each question, the path of its picture.
        fingerprint: Of the questions and of every picture's bytes.
    """

    questions: tuple[Question, ...]
    pictures: tuple[Path, ...]
    fingerprint: str


def read_material(file: Path, maps: Path | None = None) -> Material:
    """Read the questions and look at every picture once.

    Args:
        file: The questions; `figure` is relative to its folder.
        maps: Holds `<country>/<city>.png` for questions without `figure`.

    Raises:
        RecordError: If a line, an id or a picture is bad: naming file, line, question and path.
        OSError: If the file cannot be read.
    """
    read = jsonl.read_by_id(Question, file)
    if not read:
        raise RecordError("file", "no questions", "at least one line", where=str(file))
    pictures: list[Path] = []
    digest = hashlib.sha256(file.read_bytes())
    seen: set[Path] = set()
    for where, question in read.values():
        picture = _picture_of(question, file.parent, maps, where)
        if picture not in seen:
            _check_picture(picture, question, where)
            digest.update(picture.read_bytes())
            seen.add(picture)
        pictures.append(picture)
    questions = tuple(question for _, question in read.values())
    return Material(questions, tuple(pictures), digest.hexdigest())


def _picture_of(question: Question, folder: Path, maps: Path | None, where: str) -> Path:
    if question.figure:
        return folder / question.figure
    if maps is None:
        raise RecordError(
            "figure",
            None,
            f"the picture of question {question.id!r}, or a folder --maps",
            where=where,
        )
    return maps / question.country / f"{question.city}.png"


def _check_picture(path: Path, question: Question, where: str) -> None:
    try:
        width, height = read_picture(path).size
    except EvalError as error:
        reason = str(error).removeprefix(f"{path}: ")
        expected = f"a picture for question {question.id!r} that can be opened ({reason})"
        raise RecordError("figure", str(path), expected, where=where) from None
    if max(width, height) > _LONGEST_RATIO * min(width, height):
        expected = f"a picture for question {question.id!r} at most 200 times as long as wide"
        raise RecordError("figure", str(path), expected, where=where)


class Pictures:
    """Opened pictures; those used last are kept, up to a number of bytes.

    Args:
        fit: What a picture becomes once it is open; `fitting` reduces it to the model's size.
        budget: Bytes of the pictures that are kept.
    """

    def __init__(self, fit: Fit = _as_it_is, budget: int = 1 << 28) -> None:
        self._fit = fit
        self._budget = budget
        self._kept: OrderedDict[Path, Image.Image] = OrderedDict()
        self._bytes = 0

    def of(self, paths: Iterable[Path]) -> list[Image.Image]:
        """The pictures; a path that stands there several times gives one object."""
        wanted = list(paths)
        opened = {path: self._opened(path) for path in dict.fromkeys(wanted)}
        return [opened[path] for path in wanted]

    def _opened(self, path: Path) -> Image.Image:
        if path in self._kept:
            self._kept.move_to_end(path)
            return self._kept[path]
        picture = self._fit(read_picture(path))
        self._kept[path] = picture
        self._bytes += _size(picture)
        while self._bytes > self._budget and self._kept:
            self._bytes -= _size(self._kept.popitem(last=False)[1])
        return picture


def _size(picture: Image.Image) -> int:
    return 3 * picture.width * picture.height


class Prompts:
    """Makes the trainer's rows from numbers of questions."""

    def __init__(self, material: Material, fit: Fit) -> None:
        self._prompts: list[list[Message]] = [
            [{"role": "user", "content": question.question}] for question in material.questions
        ]
        self._paths = material.pictures
        self._pictures = Pictures(fit)

    def __call__(self, rows: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
        """The batch with `prompt` and `image` added: conversational, as TRL wants it."""
        numbers: Sequence[int] = rows["question"]
        return {
            **{name: list(column) for name, column in rows.items()},
            "prompt": [self._prompts[number] for number in numbers],
            "image": self._pictures.of(self._paths[number] for number in numbers),
        }


def rollout_dataset(material: Material, steps: Iterable[Step], fit: Fit = _as_it_is) -> Dataset:
    """One row a prompt, in the order of the plan; `fit` as for `Pictures`.

    Columns: `question` (its number), `stage`, `prompt`, `image`.
    """
    numbers = {question.id: number for number, question in enumerate(material.questions)}
    rows = [(numbers[one], step.stage) for step in steps for one in step.questions]
    table = {"question": [number for number, _ in rows], "stage": [stage for _, stage in rows]}
    dataset = Dataset.from_dict(table)
    dataset.set_transform(Prompts(material, fit))
    return dataset


def question_dataset(
    material: Material, stages: Mapping[str, Sequence[str]], fit: Fit = _as_it_is
) -> Dataset:
    """One row a question, for a curriculum that deals them.

    Columns: `id`, `question` (its number), `stage`, `prompt`, `image`.

    Args:
        material: The questions with their pictures.
        stages: The ids of each stage; questions that stand in none are never dealt.
        fit: As for `Pictures`.
    """
    stage_of = {one: stage for stage, members in stages.items() for one in members}
    ids = [question.id for question in material.questions]
    found = [stage_of.get(one, "") for one in ids]
    dataset = Dataset.from_dict({"id": ids, "question": list(range(len(ids))), "stage": found})
    dataset.set_transform(Prompts(material, fit))
    return dataset


def gold_dataset(
    material: Material,
    order: Sequence[int],
    fit: Fit = _as_it_is,
    lessons: Sequence[Lesson] | None = None,
) -> Dataset:
    """One row a lesson, in that order: `prompt`, `completion` (what to say), `image`.

    Args:
        material: The questions.
        order: Numbers of lessons.
        fit: As for `Pictures`.
        lessons: What to say to which question; None: to each question its gold answer.

    Raises:
        RecordError: If a question lacks its answer.
    """
    prompts = Prompts(material, fit)
    if lessons is None:
        golds = map(gold_answer, material.questions)
        lessons = [Lesson(number, text) for number, text in enumerate(golds)]
    replies: list[list[Message]] = [
        [{"role": "assistant", "content": lesson.text}] for lesson in lessons
    ]

    def rows(batch: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
        made = prompts(batch)
        return {
            "prompt": made["prompt"],
            "completion": [replies[number] for number in batch["lesson"]],
            "image": made["image"],
        }

    asked = [lessons[number].question for number in order]
    dataset = Dataset.from_dict({"question": asked, "lesson": list(order)})
    dataset.set_transform(rows)
    return dataset
