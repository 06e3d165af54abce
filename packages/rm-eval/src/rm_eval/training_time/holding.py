"""Saved models kept for as long as they are needed, however soon the training removes them.

A training keeps its newest checkpoints alone. What is to be looked at is linked into a folder of
the watcher, which takes no room while the checkpoint is there, and is removed after the look.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from rm_eval.errors import EvalError
from rm_eval.training_time.checkpoints import Saved, Training, is_whole_model, numbered
from rm_eval.training_time.looks import is_finished
from rm_eval.training_time.plan import LookPlan, folder_of, looks_in, step_of

HELD: Final = ".held"

_KINDS: Final = frozenset({".safetensors", ".bin", ".json", ".jinja", ".txt", ".model"})
_NOT_THE_MODEL: Final = frozenset({"training_args.bin", "trainer_state.json", "optimizer.bin"})


class Held:
    """The saved models of a training that are to be looked at.

    Args:
        training: Where they are saved.
        plan: Which steps are looked at.
        out: The folder of the looks.
        until: The last step that is looked at; None: the training's own.
    """

    def __init__(
        self, training: Training, plan: LookPlan, out: Path, until: int | None = None
    ) -> None:
        self._training = training
        self._plan = plan
        self._out = out
        self._until = until

    def take(self) -> None:
        """Hold what has been saved since and is due.

        Raises:
            EvalError: If a checkpoint holds no whole weights.
        """
        last = self._training.last_step()
        for saved in self._training.whole():
            if self._until is not None and saved.step > self._until:
                continue
            due = self._plan.is_due(saved.step) or saved.step in (last, self._until)
            if due and not self._is_settled(saved.step):
                self._link(saved)

    def waiting(self) -> list[Saved]:
        """What is held and not yet looked at, by step."""
        place = self._out / HELD
        return sorted(numbered(place), key=lambda one: one.step)

    def release(self, saved: Saved) -> None:
        """Let go of a model that has been looked at."""
        shutil.rmtree(saved.folder)
        with suppress(OSError):  # others are held still
            (self._out / HELD).rmdir()

    def _is_settled(self, step: int) -> bool:
        """Whether the step has its look, is held, or comes too late for its place in the order."""
        if is_finished(folder_of(self._out, step)) or self._place(step).is_dir():
            return True
        return any(step_of(one) > step and is_finished(one) for one in looks_in(self._out))

    def _link(self, saved: Saved) -> None:
        beside = self._out / HELD / f".{saved.step}.part"
        shutil.rmtree(beside, ignore_errors=True)
        try:
            _check_weights(saved.folder)
            beside.mkdir(parents=True)
            for file in _files_of_model(saved.folder):
                _linked(file, beside / file.name)
        except FileNotFoundError:  # the training removed it meanwhile
            shutil.rmtree(beside, ignore_errors=True)
            return
        beside.rename(self._place(saved.step))

    def _place(self, step: int) -> Path:
        return self._out / HELD / f"checkpoint-{step}"


def _check_weights(folder: Path) -> None:
    if not is_whole_model(folder) and folder.is_dir():
        raise EvalError(
            f"{folder}: no whole weights there, only shards of the processes that trained them: "
            "save them gathered (FSDP: FULL_STATE_DICT; DeepSpeed: "
            "stage3_gather_16bit_weights_on_model_save)"
        )


def _files_of_model(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.iterdir()):
        if file.suffix in _KINDS and file.name not in _NOT_THE_MODEL and file.is_file():
            yield file


def _linked(file: Path, to: Path) -> None:
    """A second name for the file; a copy where that cannot be, as on another disk."""
    try:
        os.link(file.resolve(), to)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copy2(file, to)
