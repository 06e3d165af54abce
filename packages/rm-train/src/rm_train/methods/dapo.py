r"""DAPO: clip higher, a mean over tokens, and nothing learned from replies that were cut off.

    ratio clipped to [1 - 0.2, 1 + 0.28];  loss = mean over all tokens of the step
    replies cut off by max_completion_length are masked
    optionally reward - max(0, length - (longest - overlong)) / overlong

Source: arXiv 2503.14476; the parts are TRL's own options. Dynamic sampling, its fourth part, is the
method `dynamic-sampling`; join them: `dapo+dynamic-sampling`. DAPO divides by the group's deviation
(`advantage: group`) and has no KL term (`beta: 0`), which are settings of the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

import torch
from torch import Tensor
from trl.rewards import other_rewards

from rm_train.config import TrainConfig
from rm_train.config_error import ConfigError
from rm_train.methods.clipping import clipping_acts
from rm_train.methods.groups import plain
from rm_train.methods.method import Method
from rm_train.methods.rollouts import Rollouts


@dataclass
class Dapo(Method):
    """TRL's options as DAPO has them.

    Attributes:
        low: How far below 1 the ratio is clipped.
        high: How far above 1.
        mask: Whether replies that were cut off are left out of the loss. They still count in the
            mean of their group.
        overlong: Over how many of the last tokens a long reply's reward falls by 1 (published:
            4,096 of 20,480); 0 for no such punishment.
    """

    source: ClassVar[str] = "arXiv 2503.14476"

    low: float = 0.2
    high: float = 0.28
    mask: bool = True
    overlong: int = 0
    _config: TrainConfig | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.low < 1 or self.high < 0 or self.overlong < 0:
            raise ValueError("expected low from 0 to 1, high and overlong of 0 or more")

    def check(self, config: TrainConfig) -> None:
        """The punishment has to begin after the first token."""
        self._config = config
        if self.overlong >= config.max_completion_length:
            raise ConfigError(
                f"method: found dapo:overlong={self.overlong}, expected less than "
                f"max_completion_length ({config.max_completion_length})"
            )

    def settings(self, config: TrainConfig) -> Mapping[str, object]:
        """TRL's options."""
        del config
        return {
            "loss_type": "dapo",
            "epsilon": self.low,
            "epsilon_high": self.high,
            "mask_truncated_completions": self.mask,
        }

    def acts(self) -> str:
        """The parts in a line, and whether the clipping does anything."""
        masked = "; replies cut off are not learned from" if self.mask else ""
        long = f"; the last {self.overlong} tokens cost up to 1" if self.overlong else ""
        return (
            f"dapo: mean over tokens{masked}{long}; clipping to [1 - {self.low:g}, "
            f"1 + {self.high:g}] {clipping_acts(self._config)}"
        )

    def rewards(self, rewards: Tensor, rollouts: Rollouts) -> Tensor:
        """The rewards less the punishment of long replies."""
        if not self.overlong:
            return rewards
        longest = int(cast("Any", rollouts.trainer).max_completion_length)
        punished = overlong_punishment(rollouts.lengths, longest, self.overlong)
        rollouts.tell("method/dapo/overlong", float(punished.mean()))
        return rewards + punished


def overlong_punishment(lengths: Tensor, longest: int, overlong: int) -> Tensor:
    """What long replies lose, (n,), from 0 down to -1; TRL's function.

    Args:
        lengths: In tokens, (n,); 0 for a reply that was cut off and masked, which has the longest
            length.
        longest: The most tokens that a reply can have.
        overlong: Over how many of the last ones the reward falls.
    """
    counts = plain(lengths.masked_fill(lengths == 0, longest))
    punish = cast("Any", other_rewards).get_soft_overlong_punishment(longest, overlong)
    found = punish(completion_ids=[range(int(count)) for count in counts])
    return torch.tensor(found, dtype=torch.float32, device=lengths.device)
