"""Held-out questions asked of the model while it learns, which does not change what it learns."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any, Final, cast

from transformers import (
    ProcessorMixin,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from rm_eval import Budget, LookPlan, Options, Policy, look_at_policy, look_line
from rm_train.config import ConfigError, TrainConfig
from rm_train.resuming import ResumingTrainer
from rm_train.run_directory import RunDirectory
from rm_train.sharding import is_sharded

PROBES: Final = "probes"
"""The folder in the run directory: a run of rm-eval for each probe, and the curve."""


def check_probes(config: TrainConfig) -> None:
    """Refuse probes that could not be made, before anything is written.

    Raises:
        ConfigError: If the weights are divided, so that no process has a model to ask.
        EvalError, RecordError, OSError: If the questions or their pictures cannot be used.
    """
    if config.probe.questions is None:
        return
    if is_sharded():
        raise ConfigError(
            f"probe.questions: found {str(config.probe.questions)!r}, but FSDP or ZeRO-3 divides "
            "the weights, and no process has a model to ask; leave it out, save whole weights "
            "(FULL_STATE_DICT, stage3_gather_16bit_weights_on_model_save), and let `rm-eval watch "
            f"{config.out}` ask the checkpoints"
        )
    _plan(config, looks=None).chosen(config.probe.questions)


def _plan(config: TrainConfig, looks: int | None) -> LookPlan:
    """What is fixed for all probes; the seed is no run's, so that runs ask the same questions."""
    budget = Budget() if looks is None else Budget(spending="obrien-fleming", looks=looks)
    return LookPlan(every=config.probe.every, limit=config.probe.limit or None, budget=budget)


class Probing(TrainerCallback):
    """Asks at step 0, every so many steps, and after the last; in the first process alone.

    Args:
        config: What is asked, and when.
        trainer: Whose model it is.
        processor: That model's.
        directory: Where the run lies.
        updates: How many steps the run has, counted as the trainer counts them.
        tell: Told of each probe, in one line.
    """

    def __init__(
        self,
        config: TrainConfig,
        trainer: ResumingTrainer,
        processor: ProcessorMixin,
        directory: RunDirectory,
        updates: int,
        tell: Callable[[str], None],
    ) -> None:
        self._config = config
        self._trainer = trainer
        self._processor = processor
        self._out = directory.path / PROBES
        self._updates = updates
        self._tell = tell

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,  # noqa: ANN401 - the signature of transformers
    ) -> None:
        """Called by the trainer, once weights and step are those it goes on from."""
        del args, control, kwargs
        questions = self._config.probe.questions
        if state.is_world_process_zero and questions is not None:
            plan = _plan(self._config, ceil(self._updates / self._config.probe.every))
            plan.settle(questions, self._out)
        self._probe(state)

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,  # noqa: ANN401 - the signature of transformers
    ) -> None:
        """Called by the trainer after each update, before it saves."""
        del args, control, kwargs
        self._probe(state)

    def _probe(self, state: TrainerState) -> None:
        step = state.global_step
        if step % self._config.probe.every and step != self._updates:
            return
        if state.is_world_process_zero:
            self._ask(step)
        self._trainer.accelerator.wait_for_everyone()

    def _ask(self, step: int) -> None:
        trainer = cast("Any", self._trainer)
        model = trainer.accelerator.unwrap_model(trainer.model)
        with trainer.accelerator.autocast():  # sampled in the type of the training's arithmetic
            curve = look_at_policy(
                Policy(model, self._processor),
                step,
                self._out,
                self._asking(),
                name=f"{self._config.model} after {step} steps",
            )
        self._tell(f"probe: {look_line(curve, step)}")

    def _asking(self) -> Options:
        config = self._config
        device = str(self._trainer.accelerator.device.type)
        return {
            "batch_size": max(config.prompts_per_step, 32) if device == "cpu" else 16,
            "max_new_tokens": config.max_completion_length,
            "reward": config.reward,
            "device": device,
            "dtype": config.dtype,
            "min_pixels": config.min_pixels or None,
            "max_pixels": config.max_pixels or None,
        }
