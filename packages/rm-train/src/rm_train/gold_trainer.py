"""TRL's supervised trainer whose runs can be resumed, also with all parameters trained.

It overrides private methods of transformers 5; a test pins their names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, cast

from torch import nn
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR
from trl import SFTTrainer  # pyright: ignore[reportPrivateImportUsage]

from rm_train.checkpoints import keep_newest, mark_complete
from rm_train.restoring import restore_weights

PINNED: Final = ("_load_from_checkpoint", "_save_checkpoint", "create_model_card")
"""The methods that are overridden here; TRL and transformers call them by these names."""


class GoldTrainer(SFTTrainer):
    """Supervised learning from checkpoints that count only once they are complete.

    Args:
        keep: How many complete checkpoints are kept.
        settings: What TRL's trainer takes.
    """

    def __init__(self, *, keep: int, **settings: object) -> None:
        self._keep = keep
        super().__init__(**cast("Any", settings))

    def _load_from_checkpoint(
        self, resume_from_checkpoint: str, model: nn.Module | None = None
    ) -> None:
        """Restore the weights, which the stock method does not for a fully trained Qwen2.5-VL."""
        stock = cast("Any", super())._load_from_checkpoint
        restore_weights(self, resume_from_checkpoint, model, stock)

    def _save_checkpoint(self, model: nn.Module, trial: object) -> None:
        """Save, then mark the checkpoint as complete, then remove older ones: in this order."""
        cast("Any", super())._save_checkpoint(model, trial)
        self.accelerator.wait_for_everyone()
        if self.args.should_save:
            folder = Path(str(self.args.output_dir))
            mark_complete(folder / f"{PREFIX_CHECKPOINT_DIR}-{self.state.global_step}")
            keep_newest(folder, self._keep)

    def create_model_card(self, *_args: object, **_kwargs: object) -> None:
        """No card: TRL would write one beside every checkpoint."""
