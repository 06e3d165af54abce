"""The saved replies of a run, one at a time, each with what it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from rm_eval.errors import EvalError
from rm_eval.item import ITEMS, Item, item_of
from rm_eval.rescoring.in_order import InOrder
from rm_rewards import PLANNING, Completion, Question, RecordError, jsonl

COMPLETIONS: Final = "completions.jsonl"
QUESTIONS: Final = "questions.jsonl"


@dataclass(frozen=True, slots=True)
class SavedReply:
    """A reply, and what it answers: an item, or a planning question, which is none."""

    text: str
    asked: Item | Question


def saved_replies(folder: Path) -> Iterator[SavedReply]:
    """The replies of a run, finished or not, in the order in which they were kept.

    Nothing is held of a run as `bench` writes it. Where replies stand in another order than their
    questions, all the questions are.

    Args:
        folder: A run, or a folder of `questions.jsonl` (or `items.jsonl`) and `completions.jsonl`
            from elsewhere.

    Raises:
        EvalError: If the folder is none of that.
        RecordError: At a line that is no reply, or one to a question that is not there.
        OSError: If a file cannot be read.
    """
    if not any((folder / name).is_file() for name in (QUESTIONS, ITEMS)):
        raise EvalError(f"{folder}: no {QUESTIONS} there, expected the folder of an rm-eval run")
    file = folder / COMPLETIONS
    if not file.is_file():
        raise EvalError(f"{folder}: no {COMPLETIONS} there, expected the folder of an rm-eval run")
    items = InOrder(Item, folder / ITEMS)
    questions = InOrder(Question, folder / QUESTIONS)
    for where, line in jsonl.lines(file):
        identity, text = _short_cut(line) or _read(line, where)
        asked = items.take(identity) or _of_question(questions.find(identity))
        asked = asked or items.find(identity)
        if asked is None:
            raise RecordError("question_id", identity, "the id of a question", where=where)
        yield SavedReply(text, asked)


def _of_question(question: Question | None) -> Item | Question | None:
    """A question of the maps' own benchmarks, which says itself what is right."""
    if question is None or question.type == PLANNING:
        return question
    return item_of(question)


def _short_cut(line: str) -> tuple[str, str] | None:
    """The two fields that count here, where they are as they should be: a third of the time."""
    try:
        loaded: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    record = cast("dict[str, object]", loaded) if isinstance(loaded, dict) else {}
    identity, text = record.get("question_id"), record.get("text")
    return (identity, text) if isinstance(identity, str) and isinstance(text, str) else None


def _read(line: str, where: str) -> tuple[str, str]:
    completion = jsonl.parse(Completion, line, where)  # which says what is wrong
    return completion.question_id, completion.text
