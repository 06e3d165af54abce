"""What a training method is: GRPO with some of its parts changed.

A method sees the replies of a step over all processes, and may change what they earn, their
advantages, or which replies are learned from at all. Methods combine: each gets what the one before
it made, in the order in which the run names them. One file holds one method.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from torch import Tensor

if TYPE_CHECKING:
    from rm_train.config import TrainConfig
    from rm_train.methods.rollouts import Rollouts
    from rm_train.prompts import Material
    from rm_train.rewards import NetworkOf
    from rm_train.trainer import MapTrainer

Rows: TypeAlias = Sequence[Mapping[str, Any]]
"""Rows of the dataset: a process's prompts, each as often as it is answered."""

Generate: TypeAlias = "Callable[[Rows], Rollouts]"
"""Samples and scores replies to the rows."""


class Method:
    """A part of GRPO done differently. Every hook has a default that changes nothing.

    A subclass is a dataclass whose fields are its options, with defaults; the text
    `name:option=value,...` of the setting `method` fills them.

    Attributes:
        source: The paper that it comes from, for the head of a run.
        whole_groups: Whether each process has to hold all replies to its questions. A run that
            cannot give it that is refused.
        compares: Whether it compares rewards in a way of its own, so that the run's settings
            `advantage` and `baseline` do nothing.
    """

    source: ClassVar[str] = ""
    whole_groups: ClassVar[bool] = False
    compares: ClassVar[bool] = False

    def check(self, config: TrainConfig) -> None:
        """Find settings of the run that do not go with the method, before anything is loaded.

        Raises:
            ConfigError: Naming the setting, the value found and what was expected.
        """

    def questions(self, material: Material, network_of: NetworkOf) -> Material:
        """The questions of the run; a method may add to them, or refuse what it cannot use.

        Args:
            material: As the run's settings or an earlier method made it.
            network_of: Gives the network of a question, if it has one.

        Raises:
            ConfigError, RecordError: Naming what was found and what was expected.
        """
        del network_of
        return material

    def partners(self) -> Mapping[str, str]:
        """Questions that have to be asked side by side: the id of each and that of its partner.

        Called after `questions`. Where there are any, each step is made of pairs of neighbours.
        """
        return {}

    def settings(self, config: TrainConfig) -> Mapping[str, object]:
        """What it sets in TRL's `GRPOConfig`, laid over the run's own settings."""
        del config
        return {}

    def acts(self) -> str:
        """What it does to the gradient, in a few words, for the head of a run."""
        return type(self).__name__

    def begin(self, trainer: MapTrainer) -> None:
        """Called once, when model and trainer are ready and before a checkpoint is loaded."""

    def rollouts(self, rows: Rows, generate: Generate) -> Rollouts:
        """The replies to learn from; `generate` samples and scores them."""
        return generate(rows)

    def rewards(self, rewards: Tensor, rollouts: Rollouts) -> Tensor:
        """What the replies of all processes earn, (n,), from what they earned so far, (n,)."""
        del rollouts
        return rewards

    def advantages(self, advantages: Tensor, rewards: Tensor, rollouts: Rollouts) -> Tensor:
        """The advantages of the replies of all processes, (n,), before the difficulty weight.

        Args:
            advantages: As the run's settings or an earlier method made them.
            rewards: What the replies earned in the end.
            rollouts: The replies.
        """
        del rewards, rollouts
        return advantages

    def token_advantages(self, advantages: Tensor, rollouts: Rollouts) -> Tensor:
        """The advantages of this process's replies, (b,) or a number for each token, (b, t)."""
        del rollouts
        return advantages

    def after_step(self, trainer: MapTrainer, step: int) -> None:
        """Called after each update of the weights, `step` counted from 1."""

    def save(self, trainer: MapTrainer, folder: Path) -> None:
        """Write what resuming needs into a checkpoint. Every process calls this."""

    def load(self, trainer: MapTrainer, folder: Path) -> None:
        """Read it back, after `begin` and after the weights were restored."""
