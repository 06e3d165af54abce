"""Replies with what they were made from: of a finished run, or one JSON object a line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import Any, ClassVar

from rm_eval.errors import EvalError
from rm_eval.job import QUESTIONS, REWARDS
from rm_eval.journal import COMPLETIONS
from rm_eval.manifest import NAME, read_manifest
from rm_rewards import Completion, Question, jsonl


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLine:
    """A line of a file of traces; `picture` is a path relative to the file, if there is one."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    question: str
    reply: str
    picture: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A question, its picture and a reply; `where` names it in messages."""

    where: str
    question: str
    picture: Path | None
    reply: str

    @property
    def digest(self) -> bytes:
        """SHA-256 over question, picture and reply."""
        shown = b"" if self.picture is None else _sha256(self.picture)
        parts = (self.question.encode(), shown, self.reply.encode())
        lengths = "".join(f"{len(part)} " for part in parts)
        return hashlib.sha256(lengths.encode() + b"".join(parts)).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Pixels to which pictures were scaled when the replies were made; None: the model's own."""

    min_pixels: int | None = None
    max_pixels: int | None = None


def read_traces(source: Path) -> Iterator[Trace]:
    """The traces of a finished run folder, or of a JSON-lines file; one is in memory at a time.

    Raises:
        EvalError: If the folder is no finished run.
        RecordError: If a line is not what it should be.
        OSError: If a file cannot be read.
    """
    if source.is_dir():
        yield from _of_run(source)
        return
    for where, line in jsonl.lines(source):
        made = jsonl.parse(TraceLine, line, where)
        yield Trace(
            where=where,
            question=made.question,
            picture=None if made.picture is None else source.parent / made.picture,
            reply=made.reply,
        )


def bounds_of(source: Path) -> Bounds:
    """The pixel bounds of a run; none for a file, which does not tell.

    Raises:
        EvalError: As `read_manifest`, or if the run was blind.
    """
    if not source.is_dir():
        return Bounds()
    settings = read_manifest(source).settings
    if settings.blind:
        raise EvalError(f"{source}: a blind run, whose replies were not made from the pictures")
    return Bounds(min_pixels=settings.min_pixels, max_pixels=settings.max_pixels)


def _of_run(folder: Path) -> Iterator[Trace]:
    for name in (NAME, QUESTIONS, COMPLETIONS, REWARDS):
        if not (folder / name).is_file():
            raise EvalError(f"{folder}: no {name} there, expected the folder of a finished run")
    questions = jsonl.read(Question, folder / QUESTIONS)
    replies = jsonl.read(Completion, folder / COMPLETIONS)
    for question, reply in zip_longest(questions, replies):
        if question is None or reply is None or question.id != reply.question_id:
            raise EvalError(f"{folder}: {QUESTIONS} and {COMPLETIONS} do not fit together")
        yield Trace(
            where=f"{folder}: question {question.id!r}",
            question=question.question,
            picture=None if question.figure is None else folder / question.figure,
            reply=reply.text,
        )


@lru_cache(maxsize=64)  # questions about one map stand together
def _sha256(picture: Path) -> bytes:
    try:
        with picture.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError as error:
        raise EvalError(f"{picture}: {error.strerror}") from None
