"""The models that a training has saved so far: which are wholly there, and which is the last.

Two kinds of folder are known. A run directory of rm-train holds `checkpoints/`, marks a checkpoint
that is whole with the file `COMPLETE`, and puts the trained model into `model/` when it is done.
Any other folder may hold `checkpoint-N` itself, as the trainers of transformers write them; one of
those is whole when every weights file is as long as its own head says and nothing in the folder has
been written to for a while.
"""

from __future__ import annotations

import json
import re
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

MARKER: Final = "COMPLETE"
QUIET: Final = 5.0
"""Seconds without a change after which an unmarked folder counts as written."""

_NAME: Final = re.compile(r"checkpoint-(\d+)")
_STATE: Final = "trainer_state.json"
_INDEX: Final = "model.safetensors.index.json"
_HEAD: Final = 8
_LONGEST_HEAD: Final = 100_000_000


@dataclass(frozen=True, slots=True)
class Saved:
    """A model that a training saved: the step, and the folder."""

    step: int
    folder: Path


@dataclass(frozen=True, slots=True)
class Training:
    """The folder of a training that may still go on."""

    folder: Path

    @property
    def is_ours(self) -> bool:
        """Whether it is a run directory of rm-train."""
        files = ("config.yaml", "versions.json")
        return all((self.folder / name).is_file() for name in files)

    def whole(self) -> list[Saved]:
        """The models that are wholly there, by step."""
        place = self.folder / "checkpoints" if self.is_ours else self.folder
        found = [one for one in numbered(place) if self._is_whole(one.folder)]
        return sorted(found, key=lambda one: one.step)

    def last_step(self) -> int | None:
        """The step at which the training ended; None while it goes on.

        It has ended where rm-train has put the trained model, or where the newest whole checkpoint
        says that its step was the last (`max_steps` of transformers).
        """
        newest = next(reversed(self.whole()), None)
        if newest is None:
            return None
        if self.is_ours and (self.folder / "model").is_dir():
            return newest.step
        most = _loaded(newest.folder / _STATE).get("max_steps")
        return newest.step if isinstance(most, int) and 0 < most <= newest.step else None

    def _is_whole(self, folder: Path) -> bool:
        if self.is_ours:
            return (folder / MARKER).is_file()
        try:
            return is_whole_model(folder) and time.time() - _newest_change(folder) >= QUIET
        except FileNotFoundError:  # removed while it was looked at
            return False


def is_whole_model(folder: Path) -> bool:
    """Whether a folder holds a model or an adapter all of whose weights are there to their end."""
    settings = [folder / name for name in ("config.json", "adapter_config.json")]
    files = sorted(folder.glob("*.safetensors"))
    if not files or not any(_loaded(file) for file in settings):
        return False
    named = cast("dict[str, str]", _loaded(folder / _INDEX).get("weight_map", {}))
    if (folder / _INDEX).is_file() and not named:
        return False
    missing = set(named.values()) - {file.name for file in files}
    return not missing and all(_is_whole_file(file) for file in files)


def _is_whole_file(file: Path) -> bool:
    """Whether a safetensors file is as long as its head says: 8 bytes, JSON, then the numbers."""
    with file.open("rb") as stream:
        start = stream.read(_HEAD)
        if len(start) < _HEAD:
            return False
        (length,) = struct.unpack("<Q", start)
        if length > _LONGEST_HEAD:
            return False
        try:
            head: dict[str, Any] = json.loads(stream.read(length))
        except ValueError:
            return False
    ends = [one["data_offsets"][1] for name, one in head.items() if name != "__metadata__"]
    return file.stat().st_size == _HEAD + length + max(ends, default=0)


def numbered(place: Path) -> Iterator[Saved]:
    """The folders `checkpoint-N` in a folder, whole or not."""
    for folder in place.iterdir() if place.is_dir() else ():
        found = _NAME.fullmatch(folder.name)
        if found is not None and folder.is_dir():
            yield Saved(int(found.group(1)), folder)


def _newest_change(folder: Path) -> float:
    return max(path.stat().st_mtime for path in (folder, *folder.iterdir()))


def _loaded(file: Path) -> dict[str, Any]:
    """A JSON object; empty where there is none, or it is half written."""
    try:
        loaded: object = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", loaded) if isinstance(loaded, dict) else {}
