"""Finished parts, kept beside the output until it is complete: what a killed run leaves behind."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from rm_rewards import RecordError

if sys.platform != "win32":
    import fcntl


@contextmanager
def journal(out: Path, fingerprint: str) -> Generator[Path]:
    """The folder of the parts of that output.

    A run that was killed leaves it there, and the next run of the same job finds its parts in it;
    those of another job are removed. It vanishes with the end of the block, however that comes.

    Raises:
        RecordError: If another run is writing to the same output.
        OSError: If nothing can be written beside the output.
    """
    folder = out.with_name(f".{out.name}.parts")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w", encoding="utf-8") as lock:
        _lock(lock.fileno(), out)
        told = folder / "job"
        if not told.is_file() or told.read_text(encoding="utf-8") != fingerprint:
            _clear(folder)
            told.write_text(fingerprint, encoding="utf-8")
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _lock(handle: int, out: Path) -> None:
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        expected = "an output that no other run is writing"
        raise RecordError("--out", str(out), expected) from None


def _clear(folder: Path) -> None:
    for file in os.scandir(folder):
        if file.name != "lock":
            Path(file.path).unlink()
