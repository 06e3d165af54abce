"""The replies of a file, each with its question: completions beside questions, or both in one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from rm_rewards.jsonl import lines, parse, parse_object, read_by_id
from rm_rewards.records import Completion, Question, RecordError


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One reply, the question it answers, and where it stands (`file:line`)."""

    where: str
    question: Question
    completion: Completion


def read_replies(path: Path, questions: Path | None) -> Iterator[Reply]:
    """The replies of a file, in order.

    With `questions`, each line is a `Completion`. Without, each line carries the fields of its
    question and the reply under `response`; an `id` that is missing is the line's number, and a
    missing `question` is empty.

    Raises:
        RecordError: At the first line that cannot be used.
        OSError: If a file cannot be opened.
    """
    if questions is None:
        for where, line in lines(path):
            yield _self_contained(where, line)
        return
    asked = read_by_id(Question, questions)
    for where, line in lines(path):
        completion = parse(Completion, line, where)
        if completion.question_id not in asked:
            raise RecordError(
                "question_id",
                completion.question_id,
                f"the id of a question in {questions}",
                where=where,
            )
        _, question = asked[completion.question_id]
        yield Reply(where=where, question=question, completion=completion)


def _self_contained(where: str, line: str) -> Reply:
    value = _object(where, line)
    if not isinstance(value.get("response"), str):
        expected = "the reply as text (for a file of completions, give --questions)"
        raise RecordError("response", value.get("response"), expected, where=where)
    number = where.rpartition(":")[2]
    question = parse_object(Question, {"id": number, "question": "", **value}, where)
    reply = {**value, "question_id": question.id, "text": value["response"]}
    return Reply(where=where, question=question, completion=parse_object(Completion, reply, where))


def _object(where: str, line: str) -> Mapping[str, Any]:
    try:
        value: object = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RecordError("line", line.strip()[:60], f"JSON ({error})", where=where) from None
    if not isinstance(value, dict):
        raise RecordError("line", value, "a JSON object", where=where)
    return cast("dict[str, Any]", value)
