"""The one subclass of TRL's GRPO trainer: our advantages, and resuming that is exact.

It overrides private methods of TRL 1.16 and transformers 5; a test pins their names, and the
package asks for `trl>=1.16,<1.17`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR
from trl import GRPOTrainer  # pyright: ignore[reportPrivateImportUsage]
from trl.trainer.utils import RepeatSampler

from rm_train.advantages import advantages, total_rewards
from rm_train.checkpoints import keep_newest, mark_complete
from rm_train.config import Advantage
from rm_train.rewards import Scorer
from rm_train.shared_pictures import share_pictures
from rm_train.vllm_pictures import repair_colocated

PINNED = (
    "_calculate_rewards",
    "_generate_and_score_completions",
    "_get_train_sampler",
    "_load_from_checkpoint",
    "_save_checkpoint",
    "create_model_card",
)
"""The methods that are overridden here; TRL calls them by these names."""

_EPOCH_STRIDE = 1_000_003


class EpochRepeatSampler(RepeatSampler):
    """TRL's sampler, whose shuffle is a function of seed and epoch.

    The stock one draws each epoch's order from a generator that goes on from the epoch before, so a
    run resumed in a later epoch replays the order of the first.
    """

    def set_epoch(self, epoch: int) -> None:
        """Called by the training loop before each epoch, also after resuming."""
        if self.shuffle:
            self.generator.manual_seed((self.seed or 0) + _EPOCH_STRIDE * epoch)


class MapTrainer(GRPOTrainer):
    """GRPO on map questions.

    Args:
        scorer: What the reward functions share; gives the difficulty weights.
        scale: What the difference to the group's mean is divided by.
        weighted: Whether a question's difficulty weight multiplies its advantages.
        keep: How many complete checkpoints are kept.
        settings: What TRL's trainer takes.
    """

    def __init__(
        self, *, scorer: Scorer, scale: Advantage, weighted: bool, keep: int, **settings: object
    ) -> None:
        self._scorer = scorer
        self._scale: Advantage = scale
        self._weighted = weighted
        self._keep = keep
        self._columns = torch.empty(0)
        super().__init__(**cast("Any", settings))
        share_pictures(cast("nn.Module", self.ref_model or self.model))
        if self.use_vllm and self.vllm_mode == "colocate":
            processor = cast("Any", self.processing_class)
            pictures = processor.image_processor.size
            size = {name: int(pictures[name]) for name in ("shortest_edge", "longest_edge")}
            repair_colocated(self.vllm_generation, processor.image_token_id, size)

    # -- advantages --------------------------------------------------------------------------------

    def _calculate_rewards(self, *args: object, **kwargs: object) -> Tensor:
        self._columns = cast("Any", super())._calculate_rewards(*args, **kwargs)
        return self._columns

    def _generate_and_score_completions(
        self, inputs: list[dict[str, Any]]
    ) -> dict[str, Tensor | Any]:
        # TRL samples outside autocast, so float32 weights would sample in float32 under bfloat16
        with self.accelerator.autocast():
            made: dict[str, Any] = cast("Any", super())._generate_and_score_completions(inputs)
        training = cast("nn.Module", self.model).training
        group = self.num_generations if training else self.num_generations_eval
        all_of_them = self._advantages(cast("int", group), made["advantages"].device)
        first = self.accelerator.process_index * len(inputs)
        made["advantages"] = all_of_them[first : first + len(inputs)]
        return made

    def _advantages(self, group: int, device: torch.device) -> Tensor:
        rewards = total_rewards(self._columns, self.reward_weights.to(device))
        weight: Tensor | None = None
        if self._weighted:
            local = [scored.reward.weight for scored in self._scorer.last]
            weight = cast("Any", self.accelerator).gather(torch.tensor(local, device=device))
        return advantages(rewards, group, scale=self._scale, weight=weight)

    # -- resuming ----------------------------------------------------------------------------------

    def _get_train_sampler(self, dataset: Any = None) -> EpochRepeatSampler:  # noqa: ANN401
        stock = cast("RepeatSampler", cast("Any", super())._get_train_sampler(dataset))
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
        """Restore the weights, also where the file's names are not the module's.

        `save_pretrained` writes the names of the hub, and the stock method loads them with
        `strict=False`: for Qwen2.5-VL nothing fits, nothing is restored, and only a warning says
        so (huggingface/transformers#43701). `from_pretrained` knows both names.
        """
        into = cast("nn.Module", self.model) if model is None else model
        if not isinstance(into, PreTrainedModel) or self._is_sharded():
            cast("Any", super())._load_from_checkpoint(resume_from_checkpoint, model)
            return
        saved = cast("Any", type(into)).from_pretrained(resume_from_checkpoint, dtype=into.dtype)
        into.load_state_dict(saved.state_dict())

    def _is_sharded(self) -> bool:
        return bool(self.is_fsdp_enabled or self.is_deepspeed_enabled)

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
