r"""RLOO: a reply is compared with the mean of the other replies to its question.

    A_i = r_i - mean of r_j over j != i = (r_i - mean r) * G / (G - 1), undivided

Source: arXiv 2402.14740. The same baseline with another divisor is a setting of the run,
`baseline: leave-one-out` with `advantage`; this is the published pair under its own name. A KL term
stays in the loss, as TRL's GRPO has it (published: in the reward).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from rm_train.advantages import advantages as group_advantages
from rm_train.methods.method import Method
from rm_train.methods.rollouts import Rollouts


@dataclass
class Rloo(Method):
    """Leave-one-out, undivided. Replaces what `advantage` and `baseline` make."""

    source: ClassVar[str] = "arXiv 2402.14740"
    compares: ClassVar[bool] = True

    def acts(self) -> str:
        """The advantage in a line."""
        return "rloo: r - mean(the others' r), undivided"

    def advantages(self, advantages: Tensor, rewards: Tensor, rollouts: Rollouts) -> Tensor:
        """The differences to the others, (n,)."""
        del advantages
        return group_advantages(rewards, rollouts.group, scale="none", baseline="leave-one-out")
