r"""GSPO: one ratio of new to old probability for a whole reply, clipped tightly.

    s_i = (pi(y_i) / pi_old(y_i)) ** (1 / |y_i|), clipped to [1 - 3e-4, 1 + 4e-4]
    loss = mean over replies of -min(s_i A_i, clipped s_i A_i)

Source: arXiv 2507.18071 (its bounds, with four minibatches a step); TRL's own options.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from rm_train.config import TrainConfig
from rm_train.methods.clipping import clipping_acts
from rm_train.methods.method import Method


@dataclass
class Gspo(Method):
    """TRL's options as GSPO has them.

    Attributes:
        low: How far below 1 the reply's ratio is clipped.
        high: How far above 1.
    """

    source: ClassVar[str] = "arXiv 2507.18071"

    low: float = 3e-4
    high: float = 4e-4
    _config: TrainConfig | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.low < 1 or self.high < 0:
            raise ValueError("expected low from 0 to 1, high of 0 or more")

    def check(self, config: TrainConfig) -> None:
        """Any run can have it."""
        self._config = config

    def settings(self, config: TrainConfig) -> Mapping[str, object]:
        """TRL's options."""
        del config
        return {
            "importance_sampling_level": "sequence",
            "loss_type": "grpo",
            "epsilon": self.low,
            "epsilon_high": self.high,
        }

    def acts(self) -> str:
        """Whether the ratio does anything in this run."""
        return (
            f"gspo: mean over replies, each of its tokens' mean; one ratio a reply, clipped to "
            f"[1 - {self.low:g}, 1 + {self.high:g}], {clipping_acts(self._config)}"
        )
