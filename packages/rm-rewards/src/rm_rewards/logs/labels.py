"""The labels of a trainer's dataset, one a row: which of them could not be scored by, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from rm_rewards.adapters.label_scorer import LabelScorer
from rm_rewards.jsonl import lines
from rm_rewards.logs.entries import json_row, parquet_rows
from rm_rewards.records import RecordError

FIELDS: Final = ("label", "answer", "ground_truth", "solution", "reward_model.ground_truth")
"""Where trainers keep the label; a point leads into a field that holds fields."""
_NAMED: Final = 6


def label_faults(
    path: Path, scorer: LabelScorer, field: str | None = None
) -> Iterator[RecordError | None]:
    """For each row of a dataset what is wrong with its label, with its place; None if nothing is.

    Args:
        path: JSON lines, a JSON list, or parquet; `-` is standard input.
        scorer: What is to score by the labels. It reads their maps.
        field: Where the label stands; without, the first of `FIELDS` that a row has.

    Raises:
        RecordError: If the file is not a dataset at all.
        OSError: If the file cannot be read.
    """
    for where, row in _rows(path):
        try:
            fields = json_row(where, row) if isinstance(row, str) else _fields(row)
            scorer(_label(fields, field), "")
        except RecordError as error:
            yield error if error.where == where else error.at(where)
        except OSError as error:  # its network: not there, or not to be read
            expected = "the network's file, to be read"
            yield RecordError("label.network", str(error), expected, where=where)
        else:
            yield None


def _rows(path: Path) -> Iterator[tuple[str, object]]:
    if path.suffix == ".parquet":
        yield from parquet_rows(path)
    elif path.suffix == ".json":
        try:
            loaded: object = json.loads(path.read_bytes())
        except (ValueError, RecursionError) as error:
            raise RecordError("file", str(error), "a list as JSON", where=str(path)) from None
        if not isinstance(loaded, list):
            raise RecordError("file", loaded, "a list as JSON", where=str(path))
        for i, row in enumerate(cast("list[object]", loaded), start=1):
            yield f"{path}:{i}", row
    else:
        yield from lines(path)


def _fields(row: object) -> Mapping[str, Any]:
    if not isinstance(row, Mapping):
        raise RecordError("row", row, "an object")
    return cast("Mapping[str, Any]", row)


def _at(fields: Mapping[str, Any], name: str) -> object:
    outer, point, inner = name.partition(".")
    found: object = fields.get(outer)
    if not point:
        return found
    return _at(cast("Mapping[str, Any]", found), inner) if isinstance(found, Mapping) else None


def _label(fields: Mapping[str, Any], named: str | None) -> str | Mapping[str, Any]:
    for name in (named,) if named else FIELDS:
        found = _at(fields, name)
        if isinstance(found, str):
            return found
        if isinstance(found, Mapping):
            return cast("Mapping[str, Any]", found)
        if found is not None:
            expected = "the text that encode_question makes (--field names another field)"
            raise RecordError(name, found, expected)
    wanted = named or " or ".join(FIELDS)
    names = [*fields][:_NAMED] + ["..."] * (len(fields) > _NAMED)
    raise RecordError("label", None, f"a field {wanted}; the row has {', '.join(names) or 'none'}")
