r"""Observe-R1: most weight to questions that half of the replies get right.

    A becomes A * 4 sigma d (1 - d), d the share of right replies to the question
    reward + bonus for the shortest right reply that is longer than `least` tokens

Source: arXiv 2505.12432 and its published code (sigma 1.8, bonus 0.2, 100 tokens). The weight is
constant in a group: it multiplies the advantages, where it acts under every scale. Unlike the
published code: what is right is known and not read off the reward's whole part, a short right reply
does not take the bonus from the others, and where none is right nobody gets it. The bonus is off
unless it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from rm_rewards.methods.observe_r1 import bonuses, d_weight
from rm_train.methods.groups import by_group, plain
from rm_train.methods.method import Method
from rm_train.methods.rollouts import Rollouts


@dataclass
class ObserveR1(Method):
    """The weight of half-hard groups, and if wanted the bonus for a short right reply.

    Attributes:
        sigma: The greatest weight.
        bonus: What the shortest right reply earns more (published: 0.2).
        least: It has to be longer than so many tokens.
    """

    source: ClassVar[str] = "arXiv 2505.12432"

    sigma: float = 1.8
    bonus: float = 0.0
    least: int = 100

    def __post_init__(self) -> None:
        d_weight(0.5, sigma=self.sigma)
        bonuses([True], [self.least], bonus=self.bonus, least=self.least)

    def acts(self) -> str:
        """Weight and bonus in a line."""
        extra = (
            f"; +{self.bonus:g} for the shortest right reply above {self.least} tokens"
            if self.bonus
            else ""
        )
        return (
            f"observe-r1: advantages times {4 * self.sigma:g} d (1 - d), d the share of right "
            f"replies: groups all right or all wrong teach nothing{extra}"
        )

    def rewards(self, rewards: Tensor, rollouts: Rollouts) -> Tensor:
        """The rewards with the bonus."""
        if not self.bonus:
            return rewards
        return rewards + short_bonus(
            rollouts.correct, rollouts.lengths, rollouts.group, bonus=self.bonus, least=self.least
        )

    def advantages(self, advantages: Tensor, rewards: Tensor, rollouts: Rollouts) -> Tensor:
        """The advantages, weighted."""
        del rewards
        weights = half_hard(rollouts.correct, rollouts.group, sigma=self.sigma)
        rollouts.tell("method/observe-r1/weight", float(weights.mean()))
        return advantages * weights


def half_hard(correct: Tensor, group: int, *, sigma: float = 1.8) -> Tensor:
    """The weight 4 sigma d (1 - d) of each reply's group, (n,), from 0 or 1 a reply, (n,)."""
    shares = plain(correct.view(-1, group).mean(dim=1))
    weights = [d_weight(share, sigma=sigma) for share in shares]
    return correct.new_tensor(weights).repeat_interleave(group)


def short_bonus(
    correct: Tensor, lengths: Tensor, group: int, *, bonus: float = 0.2, least: int = 100
) -> Tensor:
    """The bonus of each reply, (n,): one of a group gets it, or none.

    Args:
        correct: Who is right, (n,), 0 or 1.
        lengths: In tokens, (n,).
        group: How many replies a group has.
        bonus: What it is worth.
        least: The reply has to be longer than that.
    """
    found = [
        bonuses([bool(one) for one in right], [int(one) for one in long], bonus=bonus, least=least)
        for right, long in zip(by_group(correct, group), by_group(lengths, group), strict=True)
    ]
    return torch.tensor(found, dtype=correct.dtype, device=correct.device).view(-1)
