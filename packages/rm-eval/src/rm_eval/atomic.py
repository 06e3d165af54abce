"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rm_eval.errors import EvalError


def write_text(text: str, path: Path) -> None:
    """Write the text beside its place, then put it there."""
    with placed(path) as beside:
        beside.write_text(text, "utf-8")


@contextmanager
def placed(path: Path) -> Generator[Path]:
    """A file to write beside that place; it is put there if nothing goes wrong."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        beside.chmod(0o644)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def write_json(value: object, path: Path) -> None:
    """The same for a JSON value, indented."""
    write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", path)


def own_stream(path: Path) -> IO[bytes]:
    """A file to read and to append to, made if it is not there; never one that a link leads to.

    A run folder may come from elsewhere: what it links to is not the run's to write.

    Raises:
        EvalError: If there is a link in its place.
        OSError: If it cannot be opened.
    """
    try:
        return os.fdopen(
            os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o666), "a+b"
        )
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise EvalError(f"{path}: found a link, expected a file of the run's own") from None
