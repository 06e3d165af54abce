"""What can go wrong with memory, disk or numbers, told in one line with the way out."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rm_train.checkpoints import remove_incomplete
from rm_train.run_directory import RunError

_LITTLE: Final = 1 << 20
_GO_ON: Final = "go on with `rm-train run --out {path} --resume auto`"


def is_full_disk(error: BaseException, path: Path) -> bool:
    """Whether writing under `path` failed for want of space.

    Python raises OSError with ENOSPC, safetensors an error of its own that quotes it, torch a
    RuntimeError that says nothing of it.
    """
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    if "no space left" in str(error).lower() or "os error 28" in str(error).lower():
        return True
    return isinstance(error, RuntimeError) and _free(path) < _LITTLE


def _free(path: Path) -> int:
    existing = next(p for p in (path, *path.absolute().parents) if p.exists())
    return shutil.disk_usage(existing).free


def explanation(error: Exception, path: Path) -> str | None:
    """What happened and what to do, for failures that are not faults of the program."""
    go_on = _GO_ON.format(path=path)
    text = str(error).lower()
    if is_full_disk(error, path):
        return f"no space left on the disk; free some, then {go_on}"
    if "probability tensor contains" in text:
        return (
            "the model gives numbers that are no probabilities any more; start anew with a lower "
            "lr, or with max_grad_norm set"
        )
    if isinstance(error, MemoryError) or "out of memory" in text:
        return (
            "out of memory; start anew with a smaller micro_batch or max_pixels, or with "
            "gradient_checkpointing"
        )
    return None


@contextmanager
def explained_failures(path: Path) -> Generator[None]:
    """Turn such an error into one line.

    Raises:
        RunError: In its place; any other error passes.
    """
    try:
        yield
    except RunError:
        raise
    except Exception as error:
        told = explanation(error, path)
        if told is None:
            raise
        remove_incomplete(path / "checkpoints")  # half a checkpoint only takes up space
        raise RunError(f"{path}: {told}") from error
