"""Where a row of any trainer's dataset says which question it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, cast

LABELS: Final = ("label", "solution", "answer", "ground_truth", "reward_model")
"""Columns in which trainers keep the record of a question as JSON."""

Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """What a row must hold to be scheduled, and what some schedules read besides."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = {"strict": True}

    id: str
    type: str
    city: str | None = None
    difficulty: float | str | None = None
    difficulty_question: str | None = None
    difficulty_city: str | None = None
    complexity: float | None = None


def question_fields(row: Fields) -> Fields:
    """The part of the row that holds `id` and `type`; the row itself where none does.

    Looked at in turn: the row, its `extra_info` (verl), and the JSON records in `LABELS`, which
    `rm_rewards.adapters.encode_question` makes.
    """
    return next((part for part in _parts(row) if "id" in part and "type" in part), row)


def _parts(row: Fields) -> Iterator[Fields]:
    yield row
    yield _mapping(row.get("extra_info"))
    for column in LABELS:
        value = row.get(column)
        yield _record(_mapping(value).get("ground_truth", value))


def _mapping(value: object) -> Fields:
    return cast("Fields", value) if isinstance(value, Mapping) else {}


def _record(value: object) -> Fields:
    if not isinstance(value, str) or not value.startswith("{"):
        return {}
    try:
        return _mapping(json.loads(value))
    except ValueError:
        return {}
