"""A question as one string, for trainers that hand a reward function a single label field.

The string is the question's record as JSON, with a tag that says what it is. Map files are named by
absolute path, so that a reward function in another process finds them without being told a folder.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

from rm_rewards.parsing import parse_object
from rm_rewards.records import Question, RecordError

TAG: Final = "rm-rewards/question-1"
"""What `schema` holds in a label: the form of the record and its version."""

Label: TypeAlias = str | Mapping[str, Any] | Question

_PATHS: Final = ("figure", "network", "json")


def encode_question(question: Question, folder: Path | str | None = None) -> str:
    """The question as one line of JSON; `decode_question` gives an equal question back.

    Args:
        question: What is asked. Fields at their default are left out.
        folder: The folder of the questions' file. Paths that are relative to it (`figure`,
            `network`, and `json` where that is a path) become absolute; without it they stay.

    Example:
        >>> asked = Question(id="q1", type="Counting2", question="How many?", answer=3)
        >>> encode_question(asked)
        '{"schema":"rm-rewards/question-1","id":"q1","type":"Counting2","question":"How many?",\
"answer":3}'
    """
    kept: dict[str, Any] = {}
    for part in dataclasses.fields(question):
        value: object = getattr(question, part.name)
        if value == part.default:
            continue
        if folder is not None and part.name in _PATHS and isinstance(value, str):
            value = str(Path(folder).resolve() / value)
        kept[part.name] = value
    return json.dumps(
        {"schema": TAG, **kept}, default=_plain, ensure_ascii=False, separators=(",", ":")
    )


def _plain(value: object) -> dict[str, Any]:
    """A leg, the one record inside a question."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"{value!r} has no form in JSON")


def decode_question(label: Label) -> Question:
    """The question of a label: what `encode_question` made, or a question's fields.

    Fields that are None are as good as absent: tables with one column a field (Arrow, pandas) fill
    what a row does not have.

    Raises:
        RecordError: Naming what is wrong with the label.
    """
    if isinstance(label, Question):
        return label
    loaded = _loaded(label) if isinstance(label, str) else _without_none(label)
    if not isinstance(loaded, dict):
        raise RecordError("label", loaded, "the JSON object that encode_question makes")
    value = cast("dict[str, Any]", loaded)
    tag = value.get("schema", TAG)
    if tag != TAG:
        raise RecordError("label.schema", tag, f"{TAG!r}")
    try:
        return parse_object(Question, value, "label")
    except TypeError as error:
        raise RecordError("label", str(error), "texts, numbers and lists of them") from None


def _loaded(label: str) -> object:
    try:
        return json.loads(label)
    except (ValueError, RecursionError):
        raise RecordError("label", label, "the JSON text that encode_question makes") from None


def _without_none(value: object) -> object:
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, object]", value)
        return {name: _without_none(held) for name, held in fields.items() if held is not None}
    if isinstance(value, Iterable) and not isinstance(value, str):  # also: the arrays of a table
        return [_without_none(held) for held in cast("Iterable[object]", value)]
    return value


__all__ = ["TAG", "Label", "decode_question", "encode_question"]
