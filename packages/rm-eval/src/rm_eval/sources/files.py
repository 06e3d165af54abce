"""Rows out of a file by its kind, or out of a folder: of files of one kind, or a saved data set."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, cast

from rm_eval.errors import EvalError
from rm_eval.sources.arrow import read_arrow, read_parquet
from rm_eval.sources.row import Row
from rm_eval.sources.tsv import read_tsv
from rm_rewards import RecordError, jsonl

SUFFIXES: Final = (".tsv", ".parquet", ".jsonl")
_SHARD: Final = re.compile(r"-\d{5}-of-\d{5}$")
_SPLITS: Final = ("train", "test", "validation", "valid", "val", "dev")
_SAVED: Final = "state.json"
_SAVED_SPLITS: Final = "dataset_dict.json"


def files_of(path: Path, split: str = "") -> tuple[Path, ...]:
    """The file itself, or the files in a folder that rows can be read from.

    Args:
        path: A file; a folder of TSV, parquet or JSON-lines files; a folder that `save_to_disk` of
            the `datasets` library made.
        split: Which one, where a folder holds several.

    Raises:
        EvalError: If there is none, they are of different kinds, or it is not clear which split.
    """
    if path.is_file():
        found = (path,)
    elif not path.is_dir():
        raise EvalError(f"{path}: no such file or folder")
    elif (path / _SAVED_SPLITS).is_file():
        splits = _listed(path / _SAVED_SPLITS, "splits")
        return files_of(path / _chosen(path, splits, split), split)
    elif (path / _SAVED).is_file():
        return tuple(path / name for name in _listed(path / _SAVED, "_data_files"))
    else:
        found = _of_split(path, split)
    kinds = {file.suffix for file in found}
    if len(kinds) != 1 or not kinds <= {*SUFFIXES, ".arrow"}:
        held = ", ".join(sorted(kinds)) or "none"
        raise EvalError(f"{path}: found {held}, expected files of one kind: {', '.join(SUFFIXES)}")
    return found


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a file, in order.

    Raises:
        EvalError: At the first row that cannot be read.
        OSError: If the file cannot be opened.
    """
    readers = {".tsv": read_tsv, ".parquet": read_parquet, ".arrow": read_arrow}
    return readers.get(path.suffix, _read_jsonl)(path)


def md5_of(path: Path) -> str:
    """The MD5 of a file, which is what the publishers of benchmarks name; no secret hangs on it."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False))
    return digest.hexdigest()


def split_of(name: str) -> str:
    """The split that a file's name says: `test-00000-of-00002.parquet` and `test.jsonl` say `test`.

    Empty where it says none that is usual.
    """
    word = re.split(r"[-_.]", _SHARD.sub("", name.rpartition(".")[0]))[-1]
    return word if word in _SPLITS else ""


def splits_in(path: Path) -> tuple[str, ...]:
    """The splits in a folder, as the names of its files say; none in another thing."""
    if (path / _SAVED_SPLITS).is_file():
        return tuple(_listed(path / _SAVED_SPLITS, "splits"))
    return tuple(sorted({split_of(file.name) for file in _held(path)} - {""}))


def _of_split(path: Path, split: str) -> tuple[Path, ...]:
    """The files of a folder, of its folder `data` if there are none, that belong to the split."""
    found, named = _held(path), splits_in(path)
    if not split and len(named) < 2:
        return found
    wanted = _chosen(path, named, split)
    return tuple(file for file in found if split_of(file.name) == wanted)


def _held(path: Path) -> tuple[Path, ...]:
    """The files of a folder that can hold rows, or those of its folder `data` if it has none."""
    for place in (path, path / "data"):
        held = sorted(place.iterdir()) if place.is_dir() else []
        if found := tuple(file for file in held if file.suffix in SUFFIXES):
            return found
    return ()


def _chosen(path: Path, splits: Sequence[str], split: str) -> str:
    if split in splits:
        return split
    if len(splits) == 1 and not split:
        return splits[0]  # a saved data set of one split
    found = f"found {split!r}, expected" if split else "say by --split"
    held = ", ".join(splits) or "none, since no file there is named after one"
    raise EvalError(f"{path}: split: {found} one of {held}")


def _listed(file: Path, key: str) -> list[str]:
    """The names in one of the files that `datasets` writes beside its rows; each is checked."""
    try:
        held: object = json.loads(file.read_bytes())
        listed = cast("dict[str, list[object]]", held)[key]
        names = [
            str(cast("dict[str, str]", one)["filename"] if isinstance(one, dict) else one)
            for one in listed
        ]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise EvalError(f"{file}: expected {key} as the datasets library writes it") from None
    wrong = [name for name in names if Path(name).name != name or name in ("", "..")]
    if wrong or not names:
        found = repr(wrong[0][:60]) if wrong else "none"
        raise EvalError(f"{file}: {key}: found {found}, expected names in that folder")
    return names


def _read_jsonl(path: Path) -> Iterator[Row]:
    for where, line in jsonl.lines(path):
        try:
            loaded: object = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise RecordError("line", line[:60], f"JSON ({error})", where=where) from None
        if not isinstance(loaded, dict):
            raise RecordError("line", loaded, "a JSON object", where=where)
        yield Row(where, cast("dict[str, object]", loaded))
