"""Rows as CSV, JSON or parquet, one after another: a run may hold more than memory does."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, cast

from rm_eval.errors import EvalError

Kind: TypeAlias = Literal["str", "bool", "int", "float"]
Row: TypeAlias = Mapping[str, object]

_ARROW: Final = ("pyarrow", "pyarrow.parquet")  # an extra, which only parquet needs
_GROUP: Final = 10_000
_ACTIVE: Final = (*"=+-@", *"＝＋－＠")  # the wide forms act in some spreadsheets
_BREAKS: Final = ("\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows and the kind of each of their columns; any cell may be None."""

    columns: Mapping[str, Kind]
    rows: Iterable[Row]


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe goes before `= + - @`.

    Example:
        >>> guarded("=HYPERLINK(...)"), guarded("Line 2")
        ("'=HYPERLINK(...)", 'Line 2')
    """
    acts = text.startswith(_BREAKS) or text.lstrip().startswith(_ACTIVE)
    return f"'{text}" if acts else text


def _write_csv(table: Table, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(table.columns)
        for row in table.rows:
            writer.writerow([_cell(row[name]) for name in table.columns])


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return guarded(value.replace("\0", "")) if isinstance(value, str) else value


def _write_json(table: Table, path: Path) -> None:
    with path.open("w", encoding="utf-8") as stream:
        before = "[\n"
        for row in table.rows:
            stream.write(before + json.dumps(row, ensure_ascii=False))
            before = ",\n"
        stream.write("\n]\n" if before != "[\n" else "[]\n")


def _write_parquet(table: Table, path: Path) -> None:
    try:
        arrow, parquet = (cast("Any", import_module(name)) for name in _ARROW)
    except ImportError:
        raise EvalError("parquet: pyarrow is not installed; pip install rm-eval[parquet]") from None
    kinds = {"str": arrow.string, "bool": arrow.bool_, "int": arrow.int64, "float": arrow.float64}
    schema = arrow.schema([(name, kinds[kind]()) for name, kind in table.columns.items()])
    with parquet.ParquetWriter(path, schema) as writer:
        for rows in _groups(table.rows):
            writer.write_table(arrow.Table.from_pylist(rows, schema))


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while group := list(islice(left, _GROUP)):
        yield group


WRITERS: Final[Mapping[str, Callable[[Table, Path], None]]] = MappingProxyType(
    {"csv": _write_csv, "json": _write_json, "parquet": _write_parquet}
)
"""What writes a table, by form."""
