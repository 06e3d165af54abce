# TRL and its libraries are typed in part; all that comes from them is taken as it comes.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportMissingTypeStubs=false
"""GRPO with TRL 1.16 on the questions that a curriculum deals, with its feedback and exact resume.

TRL lays out a batch as each prompt `num_generations` times in a row, and the batch again for each
pass over its completions; each process takes its part of it. Its reward functions see that part
alone, so the feedback is taken where the rewards of all processes have been gathered. Every process
holds the same curriculum and reports the same, so all of them deal the same next batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, TypeAlias, cast

import accelerate
import torch
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR, get_last_checkpoint
from trl import GRPOTrainer  # pyright: ignore[reportPrivateImportUsage]

from rm_curriculum.adapters.checkpoint_state import read_state, write_state
from rm_curriculum.adapters.counted_sampler import CountedSampler
from rm_curriculum.curriculum import Curriculum
from rm_curriculum.errors import CurriculumError

__all__ = ["CurriculumGRPOTrainer"]

Tensor: TypeAlias = Any
Foreign: TypeAlias = Any
_Trainer: Any = GRPOTrainer
_gather_object: Callable[[list[str]], list[str]] = accelerate.utils.gather_object

PINNED: Final = ("_calculate_rewards", "_get_train_sampler", "_save_checkpoint")
"""The private methods that are overridden here, under the names that TRL 1.16 calls them by."""

Accuracy: TypeAlias = str | Callable[[Tensor], float]


class CurriculumGRPOTrainer(_Trainer):  # pyright: ignore[reportUntypedBaseClass]
    """`GRPOTrainer` that asks a curriculum what comes next.

    One generation batch (`generation_batch_size // num_generations` prompts, over all processes) is
    one batch of the curriculum. After each, the gathered total rewards of every group are reported.
    Where no function scored a reply it is left out of its group.

    A checkpoint has the file `curriculum.json` beside the weights; `resume_from_checkpoint` goes on
    with the prompts that would have followed. TRL keeps no completions across a restart, so save at
    multiples of `steps_per_generation * num_iterations / gradient_accumulation_steps` steps; in
    between, the batch under way is generated anew.

    The number of epochs is the curriculum's: without `max_steps` it is gone through once.

    A subclass that brings the completions under way back after a restart sets `keeps_completions`:
    then their batch was reported before, and is not reported again.

    Args:
        curriculum: Deals the prompts; made with the ids of the training dataset.
        accuracy: What tells a group's accuracy in [0, 1]: the name of a reward function, or a
            function of the group's rewards, shape (replies, reward functions), NaN where a function
            did not apply. None: no accuracy is reported.
        id_column: The dataset's column with the ids.
        settings: What `GRPOTrainer` takes.

    Raises:
        CurriculumError: If the dataset does not hold the curriculum's items, or the curriculum
            deals fewer batches than `max_steps` needs.
    """

    keeps_completions: ClassVar[bool] = False

    def __init__(
        self,
        *,
        curriculum: Curriculum,
        accuracy: Accuracy | None = None,
        id_column: str = "id",
        **settings: object,
    ) -> None:
        self.curriculum = curriculum
        self._accuracy = accuracy
        self._id_column = id_column
        self._sampler: CountedSampler | None = None
        self._loaded: Mapping[str, object] | None = None
        self._generation = 0
        super().__init__(**settings)
        if self.args.max_steps <= 0:
            self.args.num_train_epochs = 1

    # -- what comes next ---------------------------------------------------------------------------

    def _get_train_sampler(self, dataset: Foreign = None) -> CountedSampler:
        rows = self.train_dataset if dataset is None else dataset
        if self._id_column not in rows.column_names:
            raise CurriculumError(
                f"the dataset has no column {self._id_column!r}, expected the ids of its questions "
                f"there; it has {', '.join(rows.column_names)}"
            )
        rounds = self.num_iterations * self.args.steps_per_generation
        passes = self.args.max_steps * self.args.gradient_accumulation_steps
        made = CountedSampler(
            self.curriculum,
            list(map(str, rows.with_format(None)[self._id_column])),
            batch=self.args.generation_batch_size // self.num_generations,
            copies=self.num_generations,
            rounds=rounds,
            steps=-(-passes // rounds) if passes > 0 else None,
            start=self._loaded,
        )
        self._generation = self._reported_before()
        self._sampler = made
        return made

    def _reported_before(self) -> int:
        if self._loaded is None:
            return 0
        under_way = self.keeps_completions and cast("int", self._loaded["yielded"]) > 0
        return cast("int", self._loaded["chunks"]) + under_way

    # -- what it earned ----------------------------------------------------------------------------

    def _calculate_rewards(self, inputs: Sequence[Mapping[str, Any]], *rest: object) -> Tensor:
        gathered: Tensor = super()._calculate_rewards(inputs, *rest)
        if self.model.training and self._sampler is not None:
            self.report(self._sampler, inputs, gathered)
        return gathered

    def report(
        self, sampler: CountedSampler, inputs: Sequence[Mapping[str, Any]], rewards: Tensor
    ) -> None:
        """Tell the curriculum what the batch at hand earned. Every process calls this.

        Args:
            sampler: Deals the batches.
            inputs: The rows that this process asked.
            rewards: Of all processes, (replies, reward functions).

        Raises:
            CurriculumError: If these are not the prompts that were dealt.
        """
        ids = _gather_object([str(one[self._id_column]) for one in inputs])
        chunk, copies = sampler.chunk(self._generation), self.num_generations
        if list(ids) != [one for one in chunk.ids for _ in range(copies)]:
            raise CurriculumError(
                f"batch {self._generation}: the trainer asked {ids[0]!r} and so on, the curriculum "
                f"dealt {chunk.ids[0]!r} and so on; expected each prompt {copies} times in a row, "
                "in the order dealt: leave the trainer's data loader as it is"
            )
        totals = (rewards * self.reward_weights.to(rewards.device)).nansum(dim=1).tolist()
        scored: list[bool] = (~rewards.isnan().all(dim=1)).tolist()
        for place, (one, draw) in enumerate(zip(chunk.ids, chunk.draws, strict=False)):
            group = range(place * copies, (place + 1) * copies)
            kept = [reply for reply in group if scored[reply]]
            if kept:
                accuracy, diversity = self.seen_in(kept, rewards)
                told = [totals[reply] for reply in kept]
                self.curriculum.update(one, told, accuracy, draw, diversity=diversity)
            else:
                self.curriculum.settle(one, draw)
        sampler.over(self._generation)
        self._generation += 1

    def seen_in(self, group: Sequence[int], rewards: Tensor) -> tuple[float | None, float | None]:
        """Accuracy and diversity of a group, each in [0, 1], or None where it is not known.

        Args:
            group: The rows of its scored replies.
            rewards: Of all processes, (replies, reward functions).
        """
        return self._accuracy_of(rewards[list(group)]), None

    def _accuracy_of(self, group: Tensor) -> float | None:
        if self._accuracy is None:
            return None
        if not isinstance(self._accuracy, str):
            return self._accuracy(group)
        names = cast("list[str]", self.reward_func_names)
        if self._accuracy not in names:
            raise CurriculumError(
                f"accuracy: found {self._accuracy!r}, expected one of {', '.join(names)}"
            )
        found = torch.nanmean(group[:, names.index(self._accuracy)])
        return None if bool(found.isnan()) else float(found)

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """As TRL does, with the numbers of `curriculum.metrics()` beside them while training."""
        if self.model.training:
            found = cast("Mapping[str, object]", self.curriculum.metrics())
            numbers = {k: float(v) for k, v in found.items() if isinstance(v, int | float)}
            logs = {**logs, **{f"curriculum/{name}": value for name, value in numbers.items()}}
        super().log(logs, start_time)

    # -- resuming ----------------------------------------------------------------------------------

    def train(
        self,
        resume_from_checkpoint: str | bool | None = None,
        **more: Foreign,
    ) -> Foreign:
        """As `GRPOTrainer.train`; a checkpoint brings back the curriculum too.

        Raises:
            CurriculumError: If the checkpoint holds no state of this curriculum.
        """
        folder = _folder(resume_from_checkpoint, str(self.args.output_dir))
        self._loaded = read_state(folder) if folder else None
        if self._loaded is not None and self.args.ignore_data_skip:
            raise CurriculumError(
                "ignore_data_skip: found True, expected False: batches of before are gone over "
                "without reading them, which keeps the order and the random numbers exact"
            )
        return super().train(resume_from_checkpoint=resume_from_checkpoint, **more)

    def _save_checkpoint(self, model: Foreign, trial: object) -> None:
        super()._save_checkpoint(model, trial)
        if self.args.should_save and self._sampler is not None:
            step = self.state.global_step
            passes = step * self.args.gradient_accumulation_steps
            folder = Path(str(self.args.output_dir)) / f"{PREFIX_CHECKPOINT_DIR}-{step}"
            write_state(
                folder,
                cast("Mapping[str, object]", self._sampler.state_after(passes, self._generation)),
            )


def _folder(resume: str | bool | None, out: str) -> Path | None:
    """The checkpoint that is meant: True is the last one in `out`."""
    found = cast("Any", get_last_checkpoint)(out) if resume is True else resume
    return Path(found) if found else None
