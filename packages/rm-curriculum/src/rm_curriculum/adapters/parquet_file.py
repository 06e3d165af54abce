"""Parquet files; needs pyarrow (the extra `parquet`), which is loaded when one is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from rm_curriculum.errors import CurriculumError


def read_table(path: Path) -> Any:  # noqa: ANN401 - pyarrow has no types
    """The table in that file.

    Raises:
        CurriculumError: If the file is no Parquet, or pyarrow is not installed.
        OSError: If the file cannot be opened.
    """
    arrow, parquet = _modules()
    path.open("rb").close()  # pyarrow's own error would not be as plain
    try:
        return parquet.read_table(path)
    except arrow.ArrowException as error:
        raise CurriculumError(f"{path}: {error}; expected a Parquet file") from None


def table_of(records: Sequence[Mapping[str, object]]) -> Any:  # noqa: ANN401
    """A table with a row for each record.

    Raises:
        CurriculumError: If a column holds values of several kinds, or pyarrow is not installed.
    """
    arrow, _ = _modules()
    try:
        return arrow.Table.from_pylist(list(records))
    except arrow.ArrowException as error:
        raise CurriculumError(f"the rows do not fit into one Parquet table: {error}") from None


def fill_file(table: Any, path: Path) -> None:  # noqa: ANN401
    """Write the table into a file."""
    _modules()[1].write_table(table, path)


def _modules() -> tuple[Any, Any]:
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise CurriculumError(
            "Parquet needs pyarrow: pip install 'rm-curriculum[parquet]', or use .jsonl files"
        ) from None
