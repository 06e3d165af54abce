"""Rows of a dataset on disk: which question each is, and the same rows in another order.

JSON lines stay as they are, byte for byte; a name that ends in `.parquet` means Parquet.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from rm_curriculum.adapters.parquet_file import fill_file, read_table, table_of
from rm_curriculum.adapters.row_fields import QuestionRow, question_fields
from rm_curriculum.errors import CurriculumError
from rm_rewards import RecordError, jsonl

PARQUET: Final = ".parquet"


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one file.

    Attributes:
        path: The file.
        rows: In its order.
        places: `file:line` of each, or `file: row N` of a Parquet file.
        lines: The lines themselves; none for a Parquet file.
    """

    path: Path
    rows: tuple[QuestionRow, ...]
    places: tuple[str, ...]
    lines: tuple[str, ...]

    def once(self) -> tuple[QuestionRow, ...]:
        """The rows, if each id is there once.

        Raises:
            RecordError: At the second row of an id.
        """
        first: dict[str, str] = {}
        for row, place in zip(self.rows, self.places, strict=True):
            if row.id in first:
                expected = f"each id once (first at {first[row.id]})"
                raise RecordError("id", row.id, expected, where=place)
            first[row.id] = place
        return self.rows

    def where(self, identity: str | None) -> str:
        """Where the first row of that id stands; the file, if there is none."""
        pairs = zip(self.rows, self.places, strict=True)
        return next((place for row, place in pairs if row.id == identity), str(self.path))


def read_rows(path: Path) -> Rows:
    """The rows of a file; `-` is JSON lines from standard input.

    Raises:
        RecordError: At the first row that says not which question it is.
        CurriculumError: If a Parquet file cannot be read.
        OSError: If the file cannot be opened.
    """
    if path.suffix == PARQUET:
        lines: list[str] = []
        records = list(read_records(path))
    else:
        found = list(jsonl.lines(path))
        lines = [line for _, line in found]
        records = [(where, _json(line, where)) for where, line in found]
    rows = tuple(row_of(loaded, where) for where, loaded in records)
    return Rows(path, rows, tuple(where for where, _ in records), tuple(lines))


def read_records(path: Path) -> Iterator[tuple[str, object]]:
    """Each row as it is, with its place.

    Raises:
        RecordError: At the first line that is no JSON.
        CurriculumError: If a Parquet file cannot be read.
        OSError: If the file cannot be opened.
    """
    if path.suffix == PARQUET:
        loaded = cast("list[object]", read_table(path).to_pylist())
        yield from ((f"{path}: row {number}", one) for number, one in enumerate(loaded))
    else:
        yield from ((where, _json(line, where)) for where, line in jsonl.lines(path))


def write_rows(source: Rows, ids: Iterable[str], out: Path) -> int:
    """Write the rows of these ids, in this order, with all their columns; gives their number.

    Raises:
        CurriculumError: If rows of Parquet are to become JSON lines.
        OSError: If the file cannot be written.
    """
    number = {row.id: place for place, row in enumerate(source.rows)}
    order = [number[one] for one in ids]
    if out.suffix == PARQUET:
        table = _taken(source, order)
        _whole(out, lambda beside: fill_file(table, beside))
    elif source.path.suffix == PARQUET:
        raise CurriculumError(
            f"{out}: {source.path} is a Parquet file, whose columns JSON lines may not hold; "
            f"expected a name that ends in {PARQUET}"
        )
    else:
        text = "".join(source.lines[place].rstrip("\r\n") + "\n" for place in order)
        write_bytes(text.encode("utf-8", "surrogatepass"), out)
    return len(order)


def write_records(records: Sequence[Mapping[str, object]], out: Path) -> int:
    """Write records as a Parquet file; gives their number.

    Raises:
        CurriculumError: If pyarrow is not installed.
        OSError: If the file cannot be written.
    """
    table = table_of(records)
    _whole(out, lambda beside: fill_file(table, beside))
    return len(records)


def write_bytes(data: bytes, out: Path) -> None:
    """Write a file, whole or not at all; `-` is standard output.

    Raises:
        OSError: If it cannot be written.
    """
    if str(out) == "-":
        sys.stdout.write(data.decode())
    else:
        _whole(out, lambda beside: beside.write_bytes(data))


def row_of(loaded: object, where: str) -> QuestionRow:
    """Which question a row is.

    Raises:
        RecordError: If it does not say so, with its place.
    """
    if not isinstance(loaded, dict):
        return jsonl.parse_object(QuestionRow, loaded, where)
    fields = question_fields(cast("dict[str, object]", loaded))
    return jsonl.parse_object(QuestionRow, dict(fields), where)


def _json(line: str, where: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RecordError(
            "line", line.strip()[:60], f"a JSON object ({error})", where=where
        ) from None


def _taken(source: Rows, order: Sequence[int]) -> Any:  # noqa: ANN401 - pyarrow has no types
    if source.path.suffix == PARQUET:
        return read_table(source.path).take(order)
    return table_of([json.loads(source.lines[place]) for place in order])


def _whole(out: Path, fill: Callable[[Path], object]) -> None:
    """Fill a file beside its place, then rename it: it appears whole or not at all."""
    if out.is_dir():
        out.open("wb").close()  # says why it cannot be
    out.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    os.close(handle)
    try:
        fill(Path(name))
        Path(name).chmod(0o644)
        Path(name).replace(out)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
