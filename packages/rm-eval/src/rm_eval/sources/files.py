"""Rows out of a file by its kind, or out of a folder that holds one of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, cast

from rm_eval.errors import EvalError
from rm_eval.sources.row import Row
from rm_eval.sources.tsv import read_tsv
from rm_rewards import RecordError, jsonl

SUFFIXES: Final = (".tsv", ".parquet", ".jsonl")


def files_of(path: Path) -> tuple[Path, ...]:
    """The file itself, or the files in a folder that rows can be read from, by name.

    Raises:
        EvalError: If there is none, or they are of different kinds.
    """
    if not path.is_dir():
        if not path.is_file():
            raise EvalError(f"{path}: no such file or folder")
        found = (path,)
    else:
        found = tuple(sorted(file for file in path.iterdir() if file.suffix in SUFFIXES))
    kinds = {file.suffix for file in found}
    if len(kinds) != 1 or not kinds <= {*SUFFIXES}:
        held = ", ".join(sorted(kinds)) or "none"
        raise EvalError(f"{path}: found {held}, expected files of one kind: {', '.join(SUFFIXES)}")
    return found


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a file, in order.

    Raises:
        EvalError: At the first row that cannot be read.
        OSError: If the file cannot be opened.
    """
    return {".tsv": read_tsv, ".parquet": _read_parquet, ".jsonl": _read_jsonl}[path.suffix](path)


def md5_of(path: Path) -> str:
    """The MD5 of a file, which is what the publishers of benchmarks name; no secret hangs on it."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False))
    return digest.hexdigest()


def _read_jsonl(path: Path) -> Iterator[Row]:
    for where, line in jsonl.lines(path):
        try:
            loaded: object = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise RecordError("line", line[:60], f"JSON ({error})", where=where) from None
        if not isinstance(loaded, dict):
            raise RecordError("line", loaded, "a JSON object", where=where)
        yield Row(where, cast("dict[str, object]", loaded))


def _read_parquet(path: Path) -> Iterator[Row]:
    if find_spec("pyarrow") is None:
        raise EvalError(f"{path}: needs pyarrow to be read: pip install 'rm-eval[parquet]'")
    parquet: Any = import_module("pyarrow.parquet")
    broken: type[Exception] = import_module("pyarrow").ArrowException
    number = 0
    try:
        for batch in parquet.ParquetFile(path).iter_batches(batch_size=8):
            for cells in batch.to_pylist():
                number += 1
                yield Row(f"{path}: row {number}", cells)
    except broken as error:
        reason = " ".join(str(error).split())[:120]
        raise EvalError(
            f"{path}: after row {number}: no parquet that can be read: {reason}"
        ) from None
