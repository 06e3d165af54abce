"""Which question an entry of a log answers: from its label, its own fields, its id, its prompt."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rm_rewards.adapters.question_label import TAG, decode_question
from rm_rewards.jsonl import parse_object, read_by_id
from rm_rewards.logs.entries import Entry
from rm_rewards.records import Question, RecordError

_LABELS: Final = ("gts", "ground_truth", "label", "solution", "rm_question")
_IDS: Final = ("question_id", "rm_id", "id", "uid")


class Questions:
    """The questions of a file, found for each entry of a log; without a file, from the entries."""

    def __init__(self, path: Path | None) -> None:
        listed = {} if path is None else read_by_id(Question, path)
        self._by_id = {name: question for name, (_, question) in listed.items()}
        self._by_text: dict[str, list[Question]] = {}
        for question in self._by_id.values():
            self._by_text.setdefault(question.question.strip(), []).append(question)
        self._by_text.pop("", None)
        self._of_prompt: dict[str, Question | None] = {}

    def of(self, entry: Entry) -> Question:
        """The question that the entry answers.

        Raises:
            RecordError: If it cannot be told, with what to give.
        """
        found = self._labelled(entry) or self._named(entry) or self._asked(entry.prompt)
        if found is not None:
            return found
        raise RecordError(
            "question",
            entry.prompt[:60] or None,
            "a question: give --questions with its id or its text, or log the label that "
            "encode_question makes",
            where=entry.where,
        )

    def _labelled(self, entry: Entry) -> Question | None:
        for name in _LABELS:
            label: object = entry.fields.get(name)
            if isinstance(label, str) and TAG in label[:200]:
                return _placed(label, entry.where)
        if "type" in entry.fields and ("answer" in entry.fields or "station_1" in entry.fields):
            number = entry.where.rpartition(":")[2]
            fields: Mapping[str, Any] = {"id": number, "question": "", **entry.fields}
            return parse_object(Question, fields, entry.where)
        return None

    def _named(self, entry: Entry) -> Question | None:
        for name in _IDS:
            found = self._by_id.get(str(entry.fields.get(name)))
            if found is not None:
                return found
        return None

    def _asked(self, prompt: str) -> Question | None:
        """The one question whose text is the prompt, or the longest that stands in it."""
        if prompt not in self._of_prompt:
            texts = [prompt.strip()] if prompt.strip() in self._by_text else []
            texts = texts or sorted((t for t in self._by_text if t in prompt), key=len)
            same = self._by_text[texts[-1]] if texts else []
            self._of_prompt[prompt] = same[0] if len(same) == 1 else None
        return self._of_prompt[prompt]


def _placed(label: str, where: str) -> Question:
    try:
        return decode_question(label)
    except RecordError as error:
        raise error.at(where) from None
