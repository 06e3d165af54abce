"""The group's advantage in plain numbers, to check a method's figures without a trainer."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from rm_rewards.methods.inputs import at_least, finite


def standardised(rewards: Sequence[float], *, eps: float = 1e-6) -> tuple[float, ...]:
    """A_i = (r_i - mean) / (std + eps), std with n - 1 in the denominator (GRPO).

    All are 0 where all rewards are equal, and for a group of one, whose standard deviation does not
    exist (the published trainers divide by NaN there).

    Args:
        rewards: The rewards of one group.
        eps: What keeps the denominator from 0: 1e-6 in verl, 1e-4 in TRL and GRPO-CARE.

    Raises:
        RecordError: For a reward that is not finite, or a negative `eps`.

    Example:
        >>> [round(a, 4) for a in standardised([1, 0, 0.5, 0])]
        [1.3056, -0.7833, 0.2611, -0.7833]
    """
    finite("rewards", *rewards)
    at_least("eps", 0.0, eps)
    if len(set(rewards)) < 2:
        return (0.0,) * len(rewards)
    mean = sum(rewards) / len(rewards)
    std = sqrt(sum((r - mean) ** 2 for r in rewards) / (len(rewards) - 1))
    return tuple((r - mean) / (std + eps) if std + eps else 0.0 for r in rewards)
