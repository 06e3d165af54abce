"""A full disk, told as what it is: the libraries report it in three different ways."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rm_train.run_directory import RunError

_LITTLE: Final = 1 << 16


def is_full_disk(error: BaseException, path: Path) -> bool:
    """Whether writing under `path` failed for want of space.

    Python raises OSError with ENOSPC, safetensors an error of its own with that text, torch a
    RuntimeError that says nothing of it.
    """
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    if "no space left" in str(error).lower() or "os error 28" in str(error).lower():
        return True
    wrote = isinstance(error, RuntimeError) and "writ" in str(error).lower()
    return wrote and _free(path) < _LITTLE


def _free(path: Path) -> int:
    existing = next(p for p in (path, *path.absolute().parents) if p.exists())
    return shutil.disk_usage(existing).free


@contextmanager
def explained_if_full(path: Path) -> Generator[None]:
    """Turn an error for want of space into one line with the way out.

    Raises:
        RunError: In place of such an error; any other passes.
    """
    try:
        yield
    except Exception as error:
        if not is_full_disk(error, path):
            raise
        raise RunError(
            f"{path}: no space left on the disk; free some, then go on with "
            f"`rm-train run --out {path} --resume auto`"
        ) from error
