"""The samples of a run as CSV, JSON or parquet, row by row."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, fields
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, cast, get_args

from rm_eval.atomic import placed, write_text
from rm_eval.errors import EvalError
from rm_eval.exporting.latex import latex_table
from rm_eval.finished import read_runs
from rm_eval.samples import Sample, read_samples

Form: TypeAlias = Literal["csv", "json", "latex", "parquet"]

FORMS: Final[tuple[Form, ...]] = get_args(Form)

_COLUMNS: Final = tuple(field.name for field in fields(Sample))
_ARROW: Final = ("pyarrow", "pyarrow.parquet")  # an extra, which only parquet needs
_GROUP: Final = 10_000
_ACTIVE: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def export(folder: Path, form: Form, out: Path) -> None:
    """Write a finished run as one file, which appears when it is complete.

    Args:
        folder: The run folder.
        form: `csv`, `json` and `parquet` hold one row a question; `latex` the scores as a table.
        out: The file.

    Raises:
        EvalError: If the folder is no finished run, or pyarrow is not installed for parquet.
        RecordError: If a line of the run is damaged.
        OSError: If a file cannot be read or written.
    """
    if form == "latex":
        write_text(latex_table(read_runs([folder])[0]), out)
        return
    writers: dict[str, Callable[[Iterable[Sample], Path], None]] = {
        "csv": _write_csv,
        "json": _write_json,
        "parquet": _write_parquet,
    }
    with placed(out) as beside:
        writers[form](read_samples(folder), beside)


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe goes before `= + - @`.

    Example:
        >>> guarded("=HYPERLINK(...)"), guarded("Line 2")
        ("'=HYPERLINK(...)", 'Line 2')
    """
    return f"'{text}" if text.lstrip(" ").startswith(_ACTIVE) else text


def _write_csv(samples: Iterable[Sample], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for sample in samples:
            writer.writerow([_cell(value) for value in asdict(sample).values()])


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return guarded(value.replace("\0", "")) if isinstance(value, str) else value


def _write_json(samples: Iterable[Sample], path: Path) -> None:
    with path.open("w", encoding="utf-8") as stream:
        for number, sample in enumerate(samples):
            stream.write(",\n" if number else "[\n")
            stream.write(json.dumps(asdict(sample), ensure_ascii=False))
        stream.write("\n]\n")


def _write_parquet(samples: Iterable[Sample], path: Path) -> None:
    try:
        arrow, parquet = (cast("Any", import_module(name)) for name in _ARROW)
    except ImportError:
        raise EvalError("parquet: pyarrow is not installed; pip install rm-eval[parquet]") from None
    schema = arrow.schema(
        [(field.name, _arrow_type(arrow, field.type)) for field in fields(Sample)]
    )
    with parquet.ParquetWriter(path, schema) as writer:
        for rows in _groups(samples):
            writer.write_table(arrow.Table.from_pylist([asdict(row) for row in rows], schema))


def _arrow_type(arrow: Any, annotation: object) -> object:  # noqa: ANN401 - pyarrow is untyped
    kinds = {"str": arrow.string, "bool": arrow.bool_, "int": arrow.int64, "float": arrow.float64}
    return kinds[str(annotation).partition(" ")[0]]()


def _groups(samples: Iterable[Sample]) -> Iterator[list[Sample]]:
    left = iter(samples)
    while rows := list(islice(left, _GROUP)):
        yield rows
