"""The watchdog at a training: fed after each step, and able to end it in all processes at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import accelerate  # pyright: ignore[reportMissingTypeStubs] - has no stubs
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from rm_train.config import TrainConfig
from rm_train.measured import read_measured
from rm_train.run_directory import RunDirectory
from rm_train.watchdog.attendant import Attendant, ended, raise_alarms
from rm_train.watchdog.held_out import held_out_alarms

_LOGGED: Final = "reward"
"""What the log of a step holds; the summary at the end of the training lacks it."""


class Attending(TrainerCallback):
    """Feeds the watchdog in the first process; ends the training everywhere if it says so.

    To be added after the callback that writes metrics.jsonl: they are called in their order.

    Args:
        config: As for `Attendant`.
        directory: Where the run lies.
        tell: Told each alarm once.
    """

    def __init__(
        self, config: TrainConfig, directory: RunDirectory, tell: Callable[[str], None]
    ) -> None:
        self._attendant = Attendant(config, directory, tell)
        self._stops = config.on_alarm == "stop"
        self._directory = directory
        self._ended = False

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,  # noqa: ANN401 - the signature of transformers
    ) -> None:
        """Called by the trainer."""
        del args, control, kwargs
        if state.is_world_process_zero:
            self._attendant.replay()

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,  # noqa: ANN401 - the signature of transformers
    ) -> None:
        """Called by the trainer, in every process."""
        del args
        logs: Mapping[str, Any] = kwargs["logs"]
        if _LOGGED not in logs:
            return
        if state.is_world_process_zero:
            self._attendant.catch_up()
        if not self._stops:
            return
        decided = [self._attendant.ended_by is not None]
        cast("Any", accelerate).utils.broadcast_object_list(decided)
        if decided[0]:
            self._ended = control.should_save = control.should_training_stop = True

    def conclude(self) -> None:
        """To be called after the training, in every process.

        Raises:
            RunError: If an alarm ended it.
        """
        if self._ended:
            raise ended(self._directory, self._attendant.ended_by)


def attend_evaluation(directory: RunDirectory, step: int, tell: Callable[[str], None]) -> None:
    """Raise an alarm for each question type that lost held-out accuracy from before to after.

    Args:
        directory: Of a run that is done; without both evaluations nothing is said.
        step: Its last step.
        tell: Told each alarm once.
    """
    folders = [directory.path / "eval" / name for name in ("before", "after")]
    if all((folder / "rewards.jsonl").is_file() for folder in folders):
        before, after = (read_measured(folder.name, folder) for folder in folders)
        raise_alarms(directory, held_out_alarms(step, before, after), tell)
