"""Entries of a trainer's log, whichever trainer wrote it: what was asked, replied, and scored.

Conventions as written by verl 0.9 (`rollout_data_dir/{step}.jsonl`: input, output, gts, score),
TRL 1.16 (`completions_*.parquet`: prompt, completion, one column a reward function, advantage) and
ms-swift 4.6 (`completions.jsonl`: one object of lists a step).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from math import isfinite
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, cast

from rm_rewards.jsonl import lines
from rm_rewards.records import RecordError

Format: TypeAlias = Literal["auto", "verl", "trl", "ms-swift", "jsonl"]

_REPLY: Final = {
    "verl": ("output",),
    "trl": ("completion",),
    "ms-swift": ("completion",),
    "jsonl": ("response", "text", "completion", "output"),
}
_PROMPT: Final = ("input", "prompt", "messages", "question")
_SCORE: Final = ("score", "total", "reward")
_NO_SCORE: Final = frozenset(
    {"step", "gen_step", "global_step", "advantage", "advantages", "sample", "tokens", "logprob"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One reply of a log.

    Attributes:
        where: File and line, and the index in the line where a line holds several.
        fields: All that the log says of it, by name.
        reply: The reply.
        prompt: What was asked, as one text; empty if the log does not say.
        score: What it was given then; None if the log does not say.
        correct: Whether it was held to be right; None if the log does not say.
    """

    where: str
    fields: Mapping[str, Any]
    reply: str
    prompt: str
    score: float | None
    correct: bool | None


def read_log(path: Path, form: Format = "auto", columns: Sequence[str] = ()) -> Iterator[Entry]:
    """The replies of a log, in order.

    Args:
        path: The file; `-` is standard input.
        form: Who wrote it; `auto` tells it by the suffix and by the keys of each line.
        columns: The columns whose sum was the score. Without: `score`, `total` or `reward`, and
            for TRL and ms-swift the sum of the reward functions' columns.

    Raises:
        RecordError: At the first entry that cannot be read; if pyarrow is needed and missing.
        OSError: If the file cannot be opened.
    """
    if form == "trl" or (form == "auto" and path.suffix == ".parquet"):
        for where, fields in parquet_rows(path):
            yield _entry(where, fields, "trl", columns)
        return
    for where, line in lines(path):
        fields = json_row(where, line)
        kind = _kind(fields) if form == "auto" else form
        if kind == "ms-swift":
            for i, one in enumerate(_unzipped(where, fields)):
                yield _entry(f"{where}[{i}]", one, kind, columns)
        else:
            yield _entry(where, fields, kind, columns)


def _kind(fields: Mapping[str, Any]) -> str:
    if isinstance(fields.get("completion"), list) and isinstance(fields.get("prompt"), list):
        return "ms-swift"
    return "verl" if "output" in fields and "input" in fields else "jsonl"


def json_row(where: str, line: str) -> Mapping[str, Any]:
    """The object on one line of JSON.

    Raises:
        RecordError: If the line holds none, with its place.
    """
    try:
        value: object = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RecordError("line", line.strip()[:60], f"JSON ({error})", where=where) from None
    if not isinstance(value, dict):
        raise RecordError("line", value, "a JSON object", where=where)
    return cast("dict[str, Any]", value)


def _unzipped(where: str, fields: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """One object for each reply of an object of lists."""
    replies = fields.get("completion")
    if not isinstance(replies, list):
        raise RecordError("completion", replies, "a list of replies", where=where)
    count = len(cast("list[object]", replies))
    for name, column in fields.items():
        if isinstance(column, list) and len(cast("list[object]", column)) != count:
            found = len(cast("list[object]", column))
            raise RecordError(name, found, f"{count} values, one for each reply", where=where)
    for i in range(count):
        yield {name: c[i] if isinstance(c, list) else c for name, c in fields.items()}


def parquet_rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The rows of a parquet file, each with its place `file:row`.

    Raises:
        RecordError: If the file is none, or pyarrow is missing.
        OSError: If the file cannot be opened.
    """
    try:
        arrow: Any = import_module("pyarrow.parquet")
    except ImportError:
        raise RecordError(
            "file", str(path), "pyarrow to read parquet: pip install pyarrow", where=str(path)
        ) from None
    if not path.is_file():
        raise FileNotFoundError(2, "No such file or directory", str(path))
    row = 0
    try:
        for batch in arrow.ParquetFile(path).iter_batches(batch_size=1024):
            for fields in batch.to_pylist():
                row += 1
                yield f"{path}:{row}", fields
    except ValueError as error:  # pyarrow's own errors are ValueErrors
        raise RecordError("file", str(error), "a parquet file", where=str(path)) from None


def _entry(where: str, fields: Mapping[str, Any], kind: str, columns: Sequence[str]) -> Entry:
    for key in _REPLY[kind]:
        reply = _spoken(fields.get(key))
        if reply is not None:
            break
    else:
        expected = "the reply as text, or as messages"
        raise RecordError(_REPLY[kind][0], fields.get(_REPLY[kind][0]), expected, where=where)
    prompts = (_spoken(fields.get(key)) for key in _PROMPT)
    return Entry(
        where=where,
        fields=fields,
        reply=reply,
        prompt=next((p for p in prompts if p), ""),
        score=_score(where, fields, kind, columns),
        correct=_correct(fields),
    )


def _spoken(value: object) -> str | None:
    """A text, or the texts of messages one after the other."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return None
    said = [_content(message) for message in cast("list[object]", value)]
    return None if None in said else "\n".join(filter(None, said))


def _content(message: object) -> str | None:
    if not isinstance(message, dict):
        return None
    fields = cast("dict[str, object]", message)
    if fields.get("type") == "image" or fields.get("content") is None:
        text = fields.get("text", "")
        return text if isinstance(text, str) else ""
    return _spoken(fields["content"])


def _score(
    where: str, fields: Mapping[str, Any], kind: str, columns: Sequence[str]
) -> float | None:
    if columns:
        missing = next((name for name in columns if name not in fields), None)
        if missing is not None:
            raise RecordError("--logged", missing, f"one of {', '.join(fields)}", where=where)
        return _sum(fields, columns)
    for name in _SCORE:
        value = fields.get(name)
        inner = cast("dict[str, object]", value).get("total") if isinstance(value, dict) else value
        if _is_number(inner):
            return float(cast("float", inner))
    if kind in ("trl", "ms-swift"):
        return _sum(fields, [name for name in fields if name not in _NO_SCORE])
    return None


def _sum(fields: Mapping[str, Any], names: Sequence[str]) -> float | None:
    numbers = [float(fields[name]) for name in names if _is_number(fields[name])]
    return sum(numbers) if numbers else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _correct(fields: Mapping[str, Any]) -> bool | None:
    for name in ("correct", "acc", "accuracy"):
        value = fields.get(name)
        if isinstance(value, bool):
            return value
        if _is_number(value) and value in (0, 1):
            return bool(value)
    return None
