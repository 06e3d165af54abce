"""Ends a training at a checkpoint, in all processes at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import accelerate  # pyright: ignore[reportMissingTypeStubs] - has no stubs
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


class EndWhen(TrainerCallback):
    """Saves a checkpoint and ends the training after the step in which the first process wants it.

    To be added after what decides it: callbacks are called in their order.

    Args:
        name: What the log of a step holds; the summary at the end of the training lacks it.
        wanted: Asked in the first process after each step.
    """

    def __init__(self, name: str, wanted: Callable[[], bool]) -> None:
        self._name = name
        self._wanted = wanted

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
        if self._name not in logs:
            return
        decided = [state.is_world_process_zero and self._wanted()]
        cast("Any", accelerate).utils.broadcast_object_list(decided)
        if decided[0]:
            control.should_save = True
            control.should_training_stop = True
