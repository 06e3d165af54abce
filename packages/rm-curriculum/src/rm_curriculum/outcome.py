"""What one draw of an item earned: a group of replies to one question, in six numbers."""

from __future__ import annotations

from collections.abc import Sequence
from math import dist, fsum, isfinite
from typing import NamedTuple

from rm_curriculum.errors import CurriculumError


class Outcome(NamedTuple):
    """What a group of replies to one item earned.

    Attributes:
        samples: How many replies.
        reward: Their mean reward.
        variance: The population variance of the rewards: for graded rewards the real one, for
            right and wrong it is p (1 - p). Exactly 0.0 if all are equal.
        accuracy: The group's mean accuracy in [0, 1], or None where it was not reported.
        diversity: How much the replies differ, in [0, 1], or None where it was not reported.
    """

    samples: int
    reward: float
    variance: float
    accuracy: float | None
    diversity: float | None

    @property
    def share(self) -> float:
        """The accuracy; without one, the mean reward cut to [0, 1]."""
        return share_of(self.reward, self.accuracy)


class Report(NamedTuple):
    """An outcome as a schedule gets it. Reports are handed over sorted by these fields.

    Attributes:
        draw: The number of the draw that it settles; of a report that settles none, the number of
            draws when it came.
        item: The index of the item.
        outcome: What it earned.
    """

    draw: int
    item: int
    outcome: Outcome


def share_of(reward: float, accuracy: float | None) -> float:
    """The accuracy; without one, the mean reward cut to [0, 1]."""
    return min(1.0, max(0.0, reward)) if accuracy is None else accuracy


def group_outcome(
    identity: str,
    rewards: Sequence[float],
    accuracy: float | None = None,
    diversity: float | None = None,
) -> Outcome:
    """The outcome of one group of replies.

    Raises:
        CurriculumError: If there is no reward, one is not finite, or a share is not from 0 to 1.
    """
    samples = len(rewards)
    if not samples:
        raise CurriculumError(f"{identity}: rewards are empty, expected one a reply", item=identity)
    total = fsum(rewards) if all(map(isfinite, rewards)) else _refuse(identity, rewards)
    mean = total / samples
    even = rewards.count(rewards[0]) == samples
    variance = 0.0 if even else dist(rewards, [mean] * samples) ** 2 / samples
    if accuracy is not None:
        accuracy = _share(identity, "accuracy", accuracy)
    if diversity is not None:
        diversity = _share(identity, "diversity", diversity)
    return Outcome(samples, mean, variance, accuracy, diversity)


def _refuse(identity: str, rewards: Sequence[float]) -> float:
    wrong = next(reward for reward in rewards if not isfinite(reward))
    raise CurriculumError(
        f"{identity}: found the reward {wrong!r}, expected a finite number", item=identity
    )


def _share(identity: str, name: str, value: float) -> float:
    if not 0.0 <= value <= 1.0:
        raise CurriculumError(
            f"{identity}: found {name} {value!r}, expected a share from 0 to 1", item=identity
        )
    return float(value)
