"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


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
