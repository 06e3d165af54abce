"""The replies of one step: this process's own, and what all processes know of all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import accelerate  # pyright: ignore[reportMissingTypeStubs] - has no stubs
import torch
from torch import Tensor

from rm_train.rewards import Scored

if TYPE_CHECKING:
    from rm_train.trainer import MapTrainer


class Rollouts:
    """The replies of one generation. `n` counts those of all processes, `b` those of this one.

    The replies to a question stand next to each other, `group` of them; those of a process follow
    those of the process before it.

    Attributes:
        trainer: Who trains on them.
        group: How many replies a question has.
        rows: The rows of the dataset that were asked, (b,).
        own: What TRL made of this process's replies: `prompt_ids`, `completion_ids` (b, t),
            `completion_mask`, picture tensors and the rest that its loss takes.
        columns: What each reward function gave, (n, functions); NaN where one does not apply.
        rewards: The weighted totals, (n,); NaN where no function applies.
        scored: This process's replies with what they earned, (b,).
    """

    def __init__(
        self,
        trainer: MapTrainer,
        rows: Sequence[Mapping[str, Any]],
        own: dict[str, Any],
        columns: Tensor,
        rewards: Tensor,
        scored: tuple[Scored, ...],
        group: int,
    ) -> None:
        self.trainer = trainer
        self.rows = rows
        self.own = own
        self.columns = columns
        self.rewards = rewards
        self.scored = scored
        self.group = group

    @property
    def place(self) -> slice:
        """Where this process's replies stand among all."""
        first = self.trainer.accelerator.process_index * len(self.rows)
        return slice(first, first + len(self.rows))

    def gather(self, own: Tensor) -> Tensor:
        """The values of all processes, (n, ...), from this process's, (b, ...)."""
        return cast("Any", self.trainer.accelerator).gather(own)

    def gather_objects(self, own: Sequence[Any]) -> list[Any]:
        """As `gather`, of any objects that can be pickled: (b,) to (n,)."""
        if self.trainer.accelerator.num_processes == 1:
            return list(own)
        return cast("Any", accelerate).utils.gather_object(list(own))

    def of_all_processes(self) -> tuple[Scored, ...]:
        """The replies of all processes with what they earned, (n,), numbered inside their groups.

        A process that holds a part of a group numbers that part from 0.
        """
        return tuple(
            replace(one, reward=replace(one.reward, sample=place % self.group))
            for place, one in enumerate(self.gather_objects(self.scored))
        )

    @cached_property
    def correct(self) -> Tensor:
        """Whether each reply is right, (n,), 0 or 1."""
        return self._of_all([float(one.reward.correct) for one in self.scored])

    @cached_property
    def accuracy(self) -> Tensor:
        """The accuracy of each reply, (n,), in [0, 1]."""
        return self._of_all([one.reward.accuracy for one in self.scored])

    @cached_property
    def format(self) -> Tensor:
        """The format reward of each reply, (n,)."""
        return self._of_all([one.reward.format for one in self.scored])

    @cached_property
    def weight(self) -> Tensor:
        """The difficulty weight of each reply's question, (n,)."""
        return self._of_all([one.reward.weight for one in self.scored])

    @cached_property
    def lengths(self) -> Tensor:
        """How many tokens each reply has, (n,)."""
        return self.gather(self.own["completion_mask"].sum(dim=1))

    @cached_property
    def answers(self) -> list[str | None]:
        """What each reply was understood as, (n,); None where it was not."""
        return self.gather_objects([one.reward.parsed for one in self.scored])

    @cached_property
    def question_ids(self) -> list[str]:
        """The id of each reply's question, (n,)."""
        return self.gather_objects([one.question.id for one in self.scored])

    def logps(self, model: object) -> Tensor:
        """Each token's log-probability under a model, (b, t), 0 behind the end of a reply."""
        own: Tensor = self.own["completion_mask"]
        return self.trainer.logps(model, self.own) * own

    def tell(self, name: str, value: float) -> None:
        """Add a number to the step's metrics, in which it stands under `name`."""
        self.trainer.tell(name, value)

    def _of_all(self, own: Sequence[float]) -> Tensor:
        device = self.columns.device
        return self.gather(torch.tensor(own, dtype=torch.float32, device=device))
