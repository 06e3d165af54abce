"""What a trainer of transformers logs, handed on step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


class AfterStep(TrainerCallback):
    """Hands on what was logged after each step, in the first process alone.

    Args:
        name: What the log of a step holds; the summary at the end of the training lacks it.
        receive: Gets the number of the step, from 1, and its log.
    """

    def __init__(self, name: str, receive: Callable[[int, Mapping[str, Any]], None]) -> None:
        self._name = name
        self._receive = receive

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,  # noqa: ANN401 - the signature of transformers
    ) -> None:
        """Called by the trainer."""
        del args, control
        logs: Mapping[str, Any] = kwargs["logs"]
        if self._name in logs and state.is_world_process_zero:
            self._receive(state.global_step, logs)


class AfterUpdate(TrainerCallback):
    """Calls a function after each update of the weights, in every process.

    Args:
        call: Gets the number of the update, from 1.
    """

    def __init__(self, call: Callable[[int], None]) -> None:
        self._call = call

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,  # noqa: ANN401 - the signature of transformers
    ) -> None:
        """Called by the trainer."""
        del args, control, kwargs
        self._call(state.global_step)
