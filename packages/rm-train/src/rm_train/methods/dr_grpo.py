r"""Dr. GRPO: GRPO without its two divisors, the group's deviation and the reply's length.

    A = r - mean r of the group;  loss = sum over tokens / (replies * max_completion_length)

Source: arXiv 2503.20783; the loss is TRL's `dr_grpo`. RewardMap's advantage is undivided as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from rm_train.advantages import advantages as group_advantages
from rm_train.config import TrainConfig
from rm_train.methods.method import Method
from rm_train.methods.rollouts import Rollouts


@dataclass
class DrGrpo(Method):
    """Undivided advantages and a loss whose divisor is constant. Replaces `advantage`."""

    source: ClassVar[str] = "arXiv 2503.20783"
    compares: ClassVar[bool] = True

    def settings(self, config: TrainConfig) -> Mapping[str, object]:
        """TRL's options."""
        del config
        return {"loss_type": "dr_grpo", "scale_rewards": "none"}

    def acts(self) -> str:
        """Both changes in a line."""
        return (
            "dr-grpo: r - mean(r) of the group, undivided; loss summed over tokens, divided by "
            "replies x max_completion_length"
        )

    def advantages(self, advantages: Tensor, rewards: Tensor, rollouts: Rollouts) -> Tensor:
        """The differences to the group's mean, (n,)."""
        del advantages
        return group_advantages(rewards, rollouts.group, scale="none")
