"""Which files the rows of a benchmark are read from, and whether they are the published ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rm_eval.benchmarks import Benchmark
from rm_eval.custom import OwnTask
from rm_eval.errors import EvalError
from rm_eval.sources.files import files_of, splits_in


def chosen_files(
    benchmark: Benchmark,
    own: OwnTask | None,
    source: str | Path | Sequence[Path] | None,
    split: str | None,
) -> tuple[Path, ...]:
    """The files of rows that were passed, or that the task file names; of a folder one split.

    Args:
        benchmark: What they are rows of.
        own: The task file, where it is a task of one's own.
        source: A file, a folder, or the files; None takes what the task file names.
        split: Which one, where a folder holds several; None takes the benchmark's.

    Raises:
        EvalError: If there is no such file, or it is not clear which are meant.
    """
    if isinstance(source, Sequence) and not isinstance(source, str):
        return tuple(source)
    rows = source if source is not None or own is None else own.rows
    if rows is None:
        raise EvalError(f"{benchmark.name}: no rows: pass --data, or source.file in the task file")
    folder = Path(rows)
    if split is not None:
        return files_of(folder, split)
    held = splits_in(folder)
    usual = benchmark.hub.split if benchmark.hub else ""
    return files_of(folder, usual if usual in held else "")


def check_version(
    benchmark: Benchmark, files: tuple[Path, ...], sums: Mapping[str, str], *, any_version: bool
) -> bool:
    """Whether the file is the published one; files of another kind have no published MD5.

    Args:
        benchmark: What it holds the rows of.
        files: The files of rows.
        sums: The MD5 of each.
        any_version: Whether another version may be taken.

    Raises:
        EvalError: If it is another version, which may not be taken.
    """
    published = benchmark.published
    if published is None or files[0].suffix != ".tsv":
        return False
    if published.md5 in sums.values():
        return True
    if any_version:
        return False
    found = next(iter(sums.values()))
    raise EvalError(
        f"{files[0]}: MD5 {found}, expected {published.md5} as of {published.url}; it is cut off, "
        "changed, or another version: take the file anew, or pass --any-version"
    )
