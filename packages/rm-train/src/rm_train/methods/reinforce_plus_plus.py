r"""REINFORCE++: no groups; advantages are made normal over all tokens of the step.

    G_t = r - beta * sum over i >= t of (log pi_old(i) - log pi_ref(i))
    A_t = (G_t - mean G) / std G, mean and std over every token of the step's replies

Source: arXiv 2501.03262, REINFORCE++ without a baseline, as VeRL computes it (gamma 1): the mean is
over tokens, so long replies count more in it. The KL penalty is part of the reward of each token
(the estimate k1, log pi_old - log pi_ref), and TRL's own KL term in the loss is off. With beta 0
all tokens of a reply share one advantage. The variant with a baseline is no method of its own:
`advantage: batch` of the run's settings divides r - mean of the group by the step's deviation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from rm_train.advantages import EPSILON
from rm_train.config import TrainConfig
from rm_train.config_error import ConfigError
from rm_train.methods.method import Method
from rm_train.methods.rollouts import Rollouts
from rm_train.methods.slow_copy import SlowCopy, policy_of, refuse_sharded

if TYPE_CHECKING:
    from rm_train.trainer import MapTrainer


@dataclass
class ReinforcePlusPlus(Method):
    """Advantages against the whole step. Replaces what `advantage` and `baseline` make.

    With beta above 0 each process holds a copy of the trained weights as they were at the start,
    four bytes each, and two more forward passes a step are made. The difficulty weight multiplies
    the part of the reward, not that of the penalty.
    """

    source: ClassVar[str] = "arXiv 2501.03262"
    compares: ClassVar[bool] = True

    _beta: float = field(default=0.0, init=False, repr=False)
    _start: SlowCopy | None = field(default=None, init=False, repr=False)
    _penalty: Tensor | None = field(default=None, init=False, repr=False)

    def check(self, config: TrainConfig) -> None:
        """The run's beta is the weight of the penalty, which needs whole weights."""
        self._beta = config.beta
        if not self._beta:
            return
        refuse_sharded("reinforce++ with beta")
        if config.loss_type == "vespo":
            raise ConfigError(
                "loss_type: found 'vespo', which takes one advantage a reply; expected another one "
                "with reinforce++ and beta above 0, whose advantages differ from token to token"
            )

    def settings(self, config: TrainConfig) -> Mapping[str, object]:
        """No KL in the loss: it is in the reward."""
        return {"beta": 0.0} if config.beta else {}

    def acts(self) -> str:
        """The advantage in a line."""
        less = f", r less {self._beta:g} times the KL of the tokens to come" if self._beta else ""
        return f"reinforce++: (r - mean r) / std r over all tokens of the step{less}"

    def begin(self, trainer: MapTrainer) -> None:
        """What the penalty measures the distance to: the policy at its start."""
        self._start = SlowCopy(policy_of(trainer)) if self._beta else None

    def advantages(self, advantages: Tensor, rewards: Tensor, rollouts: Rollouts) -> Tensor:
        """The part of the reward, (n,); that of the penalty is kept for each token."""
        del advantages
        lengths = rollouts.lengths.to(rewards)
        if self._start is None:
            mean, std = token_moments(rewards, lengths)
        else:
            penalty = self._beta * self._divergence(self._start, rollouts)
            sums = rollouts.gather(penalty.sum(dim=1))
            squares = rollouts.gather(penalty.square().sum(dim=1))
            mean, std = token_moments(rewards, lengths, sums, squares)
            self._penalty = penalty / (std + EPSILON)
        return ((rewards - mean) / (std + EPSILON)).nan_to_num(nan=0.0)

    def token_advantages(self, advantages: Tensor, rollouts: Rollouts) -> Tensor:
        """The advantages less the penalty of each token, (b, t); (b,) where there is none."""
        penalty, self._penalty = self._penalty, None
        if penalty is None:
            return advantages
        rows = advantages.unsqueeze(1) if advantages.dim() == 1 else advantages
        return (rows - penalty) * rollouts.own["completion_mask"]

    def _divergence(self, start: SlowCopy, rollouts: Rollouts) -> Tensor:
        """The KL of each token and those behind it, (b, t), 0 behind the end of a reply."""
        policy = rollouts.logps(policy_of(rollouts.trainer))
        each = policy - start.logps(rollouts)
        rollouts.tell("method/reinforce++/kl", float(rollouts.gather(each.sum(dim=1)).mean()))
        return to_come(each) * rollouts.own["completion_mask"]


def to_come(values: Tensor) -> Tensor:
    """The sum of each token's value and of those behind it, (b, t)."""
    return values.flip(dims=(1,)).cumsum(dim=1).flip(dims=(1,))


def token_moments(
    rewards: Tensor,
    lengths: Tensor,
    sums: Tensor | None = None,
    squares: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of `reward - penalty` over all tokens of all replies.

    Args:
        rewards: (n,); replies with NaN are left out.
        lengths: Their tokens, (n,).
        sums: For each reply the sum of its tokens' penalties, (n,).
        squares: The sum of their squares, (n,).
    """
    known = ~rewards.isnan()
    reward, count = rewards[known].double(), lengths[known].double()
    total = count.sum().clamp(min=1)
    penalty = sums[known].double() if sums is not None else torch.zeros_like(reward)
    mean = (reward * count - penalty).sum() / total
    # sum of ((r - mean) - p)^2 over the tokens of each reply
    away = reward - mean
    spread = away.square() * count - 2 * away * penalty
    if squares is not None:
        spread = spread + squares[known].double()
    std = (spread.sum().clamp(min=0) / (total - 1).clamp(min=1)).sqrt()
    return mean.to(rewards.dtype), std.to(rewards.dtype)
