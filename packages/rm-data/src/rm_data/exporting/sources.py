"""The question files of an export: one a split, read as a stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rm_rewards import Question, RecordError
from rm_rewards.jsonl import lines, parse

_DEFAULT: Final = "train"


@dataclass(frozen=True, slots=True)
class Split:
    """A questions file and the name of its split, such as `train` or `test`."""

    name: str
    file: Path

    @property
    def base(self) -> Path:
        """The folder that the paths in the file are relative to."""
        return self.file.absolute().parent


def splits_of(files: Iterable[Path]) -> tuple[Split, ...]:
    """The splits of the files: `questions.test.jsonl` is `test`, `questions.jsonl` is `train`.

    Raises:
        RecordError: For a file that is missing, for none, for a name that is no word, and for two
            files of one split.
    """
    found: dict[str, Split] = {}
    for file in files:
        if not file.is_file():
            raise RecordError("QUESTIONS", str(file), "a questions file")
        marks = [part for part in file.suffixes[:-1] if part.strip(".")]
        name = marks[-1].lstrip(".") if marks else _DEFAULT
        if not name.isidentifier():
            expected = "a split of letters, digits and underscores: NAME.train.jsonl"
            raise RecordError("QUESTIONS", str(file), expected)
        other = found.setdefault(name, Split(name, file))
        if other.file != file:
            expected = f"one file a split; {other.file} is {name!r} too: name it NAME.SPLIT.jsonl"
            raise RecordError("QUESTIONS", str(file), expected)
    if not found:
        raise RecordError("QUESTIONS", [], "at least one questions file")
    return tuple(found.values())


def asked(split: Split) -> Iterator[tuple[str, Question]]:
    """Each question with its place `file:line`.

    Raises:
        RecordError: At a line that is no question, at the second question of an id, and if the file
            holds none.
        OSError: If the file cannot be read.
    """
    seen: set[str] = set()
    for where, line in lines(split.file):
        question = parse(Question, line, where)
        if question.id in seen:
            raise RecordError("id", question.id, "each id once", where=where)
        seen.add(question.id)
        yield where, question
    if not seen:
        raise RecordError("file", "no question", "at least one", where=str(split.file))
