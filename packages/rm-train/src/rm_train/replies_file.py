"""Replies that supervised training learns in place of the gold answers: a file of completions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rm_rewards import Completion, Question, RecordError, jsonl


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a model shall learn to say.

    Attributes:
        question: The number of the question, from 0, in the order of the questions file.
        text: The reply.
    """

    question: int
    text: str


def read_lessons(file: Path, questions: Sequence[Question]) -> tuple[Lesson, ...]:
    """The replies of a file in its order: several to a question are several lessons.

    Args:
        file: One `Completion` a line, as `rm-train sample` and `rm-eval bench` write them.
        questions: Those of the run; some may have no reply.

    Raises:
        RecordError: For a line that is no completion, an empty reply, a reply to a question that
            the run does not have, or a file without replies.
        OSError: If the file cannot be read.
    """
    numbers = {question.id: number for number, question in enumerate(questions)}
    found = tuple(
        _lesson(jsonl.parse(Completion, line, where), numbers, where)
        for where, line in jsonl.lines(file)
    )
    if not found:
        raise RecordError("file", "no replies", "at least one line", where=str(file))
    return found


def _lesson(reply: Completion, numbers: Mapping[str, int], where: str) -> Lesson:
    if reply.question_id not in numbers:
        expected = "the id of one of the run's questions"
        raise RecordError("question_id", reply.question_id, expected, where=where)
    if not reply.text.strip():
        raise RecordError("text", reply.text, "a reply to learn", where=where)
    return Lesson(numbers[reply.question_id], reply.text)
