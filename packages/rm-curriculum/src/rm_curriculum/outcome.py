"""What one draw of an item earned: a group of replies to one question, in a few numbers."""

from __future__ import annotations

from collections.abc import Sequence
from math import dist, isfinite, nan
from typing import TypeAlias

from rm_curriculum.errors import CurriculumError

Outcome: TypeAlias = tuple[int, float, float, float | None, float | None]
"""What a group of replies earned; a plain tuple, since there is one for each draw:

samples: how many replies;
reward: their mean reward;
variance: the population variance of the rewards. For graded rewards the real one, for right and
wrong it is p (1 - p). Exactly 0.0 if all are equal;
accuracy: the group's mean accuracy in [0, 1], or None where it was not reported;
diversity: how much the replies differ, in [0, 1], or None where it was not reported.
"""

Report: TypeAlias = tuple[int, int, Outcome]
"""An outcome as a schedule gets it; reports are handed over in ascending order:

draw: the number of the draw that it settles; of a report that settles none, the number of draws
when it came;
item: the index of the item;
outcome: what it earned.
"""


def share_of(outcome: Outcome) -> float:
    """The accuracy; without one, the mean reward cut to [0, 1]."""
    _, reward, _, accuracy, _ = outcome
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
    if not isinstance(rewards, list):  # an array or a tensor has no `count`
        rewards = [float(reward) for reward in rewards]
    samples = len(rewards)
    mean = float(sum(rewards)) / samples if samples else nan
    if not isfinite(mean):
        raise _wrong_rewards(identity, rewards)
    even = samples == 1 or rewards.count(rewards[0]) == samples
    variance = 0.0 if even else dist(rewards, [mean] * samples) ** 2 / samples
    if accuracy is not None:
        accuracy = _share(identity, "accuracy", accuracy)
    if diversity is not None:
        diversity = _share(identity, "diversity", diversity)
    return samples, mean, variance, accuracy, diversity


def _wrong_rewards(identity: str, rewards: Sequence[float]) -> CurriculumError:
    if not len(rewards):
        said = "rewards are empty, expected one a reply"
    else:
        wrong = next((reward for reward in rewards if not isfinite(reward)), max(rewards))
        said = f"found the reward {wrong!r}, expected a finite number"
    return CurriculumError(f"{identity}: {said}", item=identity)


def _share(identity: str, name: str, value: float) -> float:
    if not 0.0 <= value <= 1.0:
        raise CurriculumError(
            f"{identity}: found {name} {value!r}, expected a share from 0 to 1", item=identity
        )
    return float(value)
