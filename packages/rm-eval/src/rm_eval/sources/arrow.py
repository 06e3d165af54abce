"""Rows out of parquet files and out of Arrow files as `datasets` saves them, a few at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, cast

from rm_eval.errors import EvalError
from rm_eval.sources.row import Row

_ROWS: Final = 8  # a row of a picture benchmark may hold tens of megabytes


def read_parquet(path: Path) -> Iterator[Row]:
    """The rows of a parquet file, in order.

    Raises:
        EvalError: If it cannot be read to its end, or pyarrow is not installed.
        OSError: If it cannot be opened.
    """

    def opened() -> tuple[Any, Iterator[Any]]:
        file = import_module("pyarrow.parquet").ParquetFile(path)
        return file.schema_arrow, file.iter_batches(batch_size=_ROWS)

    yield from _rows(path, "parquet", opened)


def read_arrow(path: Path) -> Iterator[Row]:
    """The rows of an Arrow file that `Dataset.save_to_disk` wrote; it is mapped, not loaded.

    Raises:
        EvalError, OSError: As `read_parquet`.
    """

    def opened() -> tuple[Any, Iterator[Any]]:
        arrow: Any = import_module("pyarrow")
        reader = arrow.ipc.open_stream(arrow.memory_map(str(path)))
        return reader.schema, _sliced(reader)

    yield from _rows(path, "Arrow stream", opened)


def _sliced(batches: Iterator[Any]) -> Iterator[Any]:
    for batch in batches:
        for first in range(0, batch.num_rows, _ROWS):
            yield batch.slice(first, _ROWS)


def _rows(path: Path, kind: str, opened: Callable[[], tuple[Any, Iterator[Any]]]) -> Iterator[Row]:
    if find_spec("pyarrow") is None:
        raise EvalError(f"{path}: needs pyarrow to be read: pip install 'rm-eval[parquet]'")
    broken: type[Exception] = import_module("pyarrow").ArrowException
    number = 0
    try:
        schema, batches = opened()
        labels = _labels(schema.metadata or {})
        for batch in batches:
            for cells in batch.to_pylist():
                number += 1
                yield Row(f"{path}: row {number}", _named(cells, labels))
    except broken as error:
        reason = " ".join(str(error).split())[:120]
        raise EvalError(
            f"{path}: after row {number}: no {kind} that can be read: {reason}"
        ) from None


def _labels(metadata: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    """The names of the classes in each `ClassLabel` column, which holds their numbers."""
    try:
        told: Any = json.loads(metadata.get(b"huggingface", b"{}"))
        features: dict[str, Any] = told.get("info", {}).get("features", {})
        labels = {name: one for name, one in features.items() if _is_label(one)}
        return {name: [str(label) for label in one["names"]] for name, one in labels.items()}
    except (ValueError, AttributeError, KeyError, TypeError):
        return {}  # not written by `datasets`


def _is_label(feature: object) -> bool:
    held = cast("dict[str, object]", feature) if isinstance(feature, dict) else {}
    return held.get("_type") == "ClassLabel"


def _named(cells: dict[str, object], labels: Mapping[str, list[str]]) -> dict[str, object]:
    for column, names in labels.items():
        number = cells.get(column)
        if isinstance(number, int) and 0 <= number < len(names):
            cells[column] = names[number]
    return cells
