"""Checkpoints that count only when they are complete, so that a kill while saving harms nothing."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Final

MARKER: Final = "COMPLETE"
"""Written last; a folder without it is what a kill in the middle of saving leaves behind."""

_NAME: Final = re.compile(r"checkpoint-(\d+)")


def mark_complete(checkpoint: Path) -> None:
    """Declare a checkpoint complete, after everything in it has reached the disk."""
    for file in checkpoint.rglob("*"):
        if file.is_file():
            _sync(file)
    marker = checkpoint / MARKER
    marker.write_text(checkpoint.name + "\n", encoding="utf-8")
    _sync(marker)
    _sync(checkpoint)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_complete(checkpoint: Path) -> bool:
    """Whether the checkpoint was saved to its end."""
    return (checkpoint / MARKER).is_file()


def step_of(checkpoint: Path) -> int:
    """The step after which it was saved.

    Raises:
        ValueError: If the folder is not called `checkpoint-N`.
    """
    found = _NAME.fullmatch(checkpoint.name)
    if found is None:
        raise ValueError(f"{checkpoint}: expected a folder called checkpoint-N")
    return int(found.group(1))


def told_of_processes(checkpoint: Path, world: int) -> str | None:
    """What to tell where a run goes on with another number of processes; None where it does not."""
    before = len(list(checkpoint.glob("rng_state*.pth")))  # transformers writes one for each
    if before == world:
        return None
    return (
        f"note: {checkpoint} was saved by {before} processes and is gone on from by {world}: the "
        "questions stay the same, the replies are sampled with other random numbers"
    )


def complete_ones(folder: Path) -> list[Path]:
    """The complete checkpoints in a folder, oldest first."""
    if not folder.is_dir():
        return []
    found = [path for path in folder.iterdir() if _NAME.fullmatch(path.name) and is_complete(path)]
    return sorted(found, key=step_of)


def newest(folder: Path) -> Path | None:
    """The complete checkpoint with the highest step, if there is one."""
    return next(reversed(complete_ones(folder)), None)


def remove_incomplete(folder: Path) -> None:
    """Remove what a kill left behind, so that the step can be saved anew."""
    for path in folder.glob("checkpoint-*") if folder.is_dir() else ():
        if not is_complete(path):
            shutil.rmtree(path)


def keep_newest(folder: Path, limit: int) -> None:
    """Remove the oldest complete checkpoints beyond `limit`. The marker goes first."""
    for path in complete_ones(folder)[:-limit]:
        (path / MARKER).unlink()
        shutil.rmtree(path)
