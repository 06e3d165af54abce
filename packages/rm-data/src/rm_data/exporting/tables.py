"""Rows to parquet with the columns' types of HF `datasets`, a few at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeAlias

import pyarrow  # pyright: ignore[reportMissingTypeStubs] - has no stubs
import pyarrow.parquet  # pyright: ignore[reportMissingTypeStubs]
from datasets import Features, Value  # pyright: ignore[reportMissingTypeStubs]

Row: TypeAlias = Mapping[str, Any]

_arrow: Any = pyarrow
_parquet: Any = pyarrow.parquet
_ROWS: Final = 1000
_PICTURE_ROWS: Final = 16
"""Rows held at a time; fewer where each carries a picture of some megabytes."""


def features(columns: Mapping[str, Any]) -> Features:
    """The columns of a table; a type is named by a text, such as `"string"`."""
    return Features(
        {name: Value(kind) if isinstance(kind, str) else kind for name, kind in columns.items()}
    )


def write_parquet(rows: Iterable[Row], columns: Features, target: Path, *, heavy: bool) -> int:
    """Write the rows; gives their number. Memory holds some rows at a time.

    Args:
        rows: Each with all the columns.
        columns: Their types, which `datasets` finds again in the file.
        target: The parquet file.
        heavy: Whether each row carries a picture.
    """
    typed: Any = columns
    schema = typed.arrow_schema
    count = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with _parquet.ParquetWriter(target, schema) as writer:
        for some in _chunks(rows, _PICTURE_ROWS if heavy else _ROWS):
            writer.write_table(_arrow.Table.from_pylist(some, schema=schema))
            count += len(some)
    return count


def _chunks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    left = iter(rows)
    while some := list(islice(left, size)):
        yield some
