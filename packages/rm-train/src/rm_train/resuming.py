"""TRL's GRPO trainer whose runs go on, after a kill, as if nothing had happened.

It overrides private methods of TRL 1.16 and transformers 5; a test pins their names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, cast

import torch
from torch import nn
from torch.utils.data import Sampler
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR
from trl import GRPOTrainer  # pyright: ignore[reportPrivateImportUsage]
from trl.trainer.utils import RepeatSampler

from rm_train.checkpoints import keep_newest, mark_complete, step_of
from rm_train.kept_rollouts import keep_rollouts, kept_rollouts, rollouts_file
from rm_train.restoring import restore_weights

RESUMING: Final = (
    "_get_train_sampler",
    "_load_from_checkpoint",
    "_load_optimizer_and_scheduler",
    "_save_checkpoint",
    "create_model_card",
)
"""The methods that are overridden here; TRL and transformers call them by these names."""

KEPT: Final = ("_step", "_buffered_inputs")
"""Private attributes of TRL's trainer that a checkpoint keeps."""

_EPOCH_STRIDE: Final = 1_000_003


def _no_tag(_storage: object) -> None:
    """What is saved gets no other tag for this."""


def _on_numbered_cpu(storage: object, location: str) -> object | None:
    """With several processes on CPUs transformers loads to `cpu:0`, which torch does not know."""
    return storage if location.startswith("cpu:") else None


_PLACE: Final = 1_043
"""Of this reader among torch's: two of one number cannot be told apart, and torch then raises."""

cast("Any", torch).serialization.register_package(_PLACE, _no_tag, _on_numbered_cpu)


class EpochRepeatSampler(RepeatSampler):
    """TRL's sampler, whose shuffle is a function of seed and epoch.

    The stock one draws each epoch's order from a generator that goes on from the epoch before, so a
    run resumed in a later epoch replays the order of the first.
    """

    def set_epoch(self, epoch: int) -> None:
        """Called by the training loop before each epoch, also after resuming."""
        if self.shuffle:
            self.generator.manual_seed((self.seed or 0) + _EPOCH_STRIDE * epoch)


class ResumingTrainer(GRPOTrainer):
    """GRPO that resumes exactly, from checkpoints that count only once they are complete.

    Args:
        keep: How many complete checkpoints are kept.
        settings: What TRL's trainer takes.
    """

    def __init__(self, *, keep: int, **settings: object) -> None:
        self._keep = keep
        super().__init__(**cast("Any", settings))

    def save_own(self, checkpoint: Path) -> None:
        """Write what a subclass needs beside the weights. Every process calls this."""
        del checkpoint

    def load_own(self, checkpoint: Path) -> None:
        """Read it back, once weights and optimizer are restored, however they are divided."""
        del checkpoint

    # -- what TRL and transformers call ------------------------------------------------------------

    def _get_train_sampler(self, dataset: Any = None) -> Sampler[int]:  # noqa: ANN401
        stock = cast("Sampler[int]", cast("Any", super())._get_train_sampler(dataset))
        if not isinstance(stock, RepeatSampler):
            return stock  # a curriculum deals, which knows its place
        return EpochRepeatSampler(
            data_source=stock.data_source,
            mini_repeat_count=stock.mini_repeat_count,
            batch_size=stock.batch_size,
            repeat_count=stock.repeat_count,
            shuffle=stock.shuffle,
            seed=stock.seed,
        )

    def _load_from_checkpoint(
        self, resume_from_checkpoint: str, model: nn.Module | None = None
    ) -> None:
        """Restore the weights, which the stock method does not for a fully trained Qwen2.5-VL."""
        stock = cast("Any", super())._load_from_checkpoint
        restore_weights(self, resume_from_checkpoint, model, stock)

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        """The last of the loading that every way of dividing the weights goes through."""
        cast("Any", super())._load_optimizer_and_scheduler(checkpoint)
        if checkpoint is not None:
            self._load_rollouts(Path(checkpoint))
            self.load_own(Path(checkpoint))

    def _load_rollouts(self, checkpoint: Path) -> None:
        self._step = step_of(checkpoint) * self.args.gradient_accumulation_steps
        self._buffered_inputs = None
        if self._between_generations():
            return
        self._buffered_inputs = kept_rollouts(self._own_file(checkpoint), self.accelerator.device)

    def _between_generations(self) -> bool:
        passes = int(cast("Any", self.args).steps_per_generation)
        return self._step % (passes * self.num_iterations) == 0

    def _own_file(self, checkpoint: Path) -> Path:
        here = self.accelerator
        return rollouts_file(checkpoint, here.process_index, here.num_processes)

    def _save_checkpoint(self, model: nn.Module, trial: object) -> None:
        """Save, then mark the checkpoint as complete, then remove older ones: in this order."""
        cast("Any", super())._save_checkpoint(model, trial)
        folder = Path(str(self.args.output_dir))
        checkpoint = folder / f"{PREFIX_CHECKPOINT_DIR}-{self.state.global_step}"
        if self._buffered_inputs is not None and not self._between_generations():
            keep_rollouts(self._buffered_inputs, self._own_file(checkpoint))
        self.save_own(checkpoint)
        self.accelerator.wait_for_everyone()
        if self.args.should_save:
            mark_complete(checkpoint)
            keep_newest(folder, self._keep)

    def create_model_card(self, *_args: object, **_kwargs: object) -> None:
        """No card: TRL would write one beside every checkpoint."""
