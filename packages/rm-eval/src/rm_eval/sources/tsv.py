"""Rows of a TSV as VLMEvalKit publishes them, one at a time: such a file can hold gigabytes."""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from rm_eval.errors import EvalError
from rm_eval.sources.row import Row

MAX_CELL: Final = 80 * 1024 * 1024
"""Characters of the longest cell that is read: above the largest published picture (8K, base64)."""

_NOTHING: Final = frozenset(
    {
        *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND"),
        *("1.#QNAN", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
    }
)
"""What pandas reads as no value. VLMEvalKit reads its files with pandas, so that an option `None`
is not shown to the model there."""


def read_tsv(path: Path) -> Iterator[Row]:
    """The rows of the file, in order.

    Raises:
        EvalError: At a cell that is too long, a NUL character, a row that has more cells than the
            header, or a file that is no TSV.
        OSError: If the file cannot be opened.
    """
    with path.open(encoding="utf-8-sig", newline="") as stream, _long_cells():
        fed = _Fed()
        lines = csv.reader(_bounded(stream, path, fed), delimiter="\t")
        number = 0
        try:
            header = next(lines, None) or _no_header(path)
            fed.characters = 0
            for number, cells in enumerate(lines, start=1):
                fed.characters = 0
                if cells:
                    yield _row(header, cells, f"{path}: row {number}")
        except csv.Error as error:
            reason = (
                f"a cell of more than {MAX_CELL} characters" if "limit" in str(error) else error
            )
            raise EvalError(f"{path}: row {number + 1}: found {reason}") from None
        except UnicodeDecodeError:
            raise EvalError(f"{path}: row {number + 1}: expected UTF-8") from None


def _row(header: list[str], cells: list[str], where: str) -> Row:
    if len(cells) > len(header):
        raise EvalError(
            f"{where}: found {len(cells)} cells, expected {len(header)} as in the header"
        )
    filled = zip(header, cells, strict=False)
    return Row(where, {name: cell for name, cell in filled if cell not in _NOTHING})


def _no_header(path: Path) -> list[str]:
    raise EvalError(f"{path}: the file is empty, expected a header")


@dataclass(slots=True)
class _Fed:
    """How many characters of a row have been read: a quoted cell may go over many lines."""

    characters: int = 0


def _bounded(stream: IO[str], path: Path, fed: _Fed) -> Iterator[str]:
    """The lines of the file; a row that never ends is not read into memory."""
    longest = 2 * MAX_CELL
    while line := stream.readline(longest):
        fed.characters += len(line)
        if fed.characters >= longest:
            raise EvalError(f"{path}: found a row of more than {longest} characters")
        if "\0" in line:
            raise EvalError(f"{path}: found a NUL character, expected text in UTF-8")
        yield line


@contextmanager
def _long_cells() -> Generator[None]:
    before = csv.field_size_limit(MAX_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)
