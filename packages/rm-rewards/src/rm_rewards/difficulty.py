"""The difficulty weight of a question (RewardMap, eq. 1): W_map + W_question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rm_rewards.records import PLANNING, Question

MAP_WEIGHT: Final[Mapping[str, float]] = {"easy": 1.0, "middle": 1.2, "hard": 1.5}
TRANSFER_WEIGHT: Final = 0.5


def difficulty_weight(question: Question) -> float:
    """W_map (1.0, 1.2, 1.5 by the city's grade), plus 0.5 for a plan with a transfer.

    The weight is the same for all replies to one question, so a trainer that divides by the
    group's standard deviation cancels it: apply it to advantages, sampling or the loss.

    Example:
        A planning question with one transfer on a map of grade `hard` weighs 2.0.
    """
    weight = MAP_WEIGHT[question.difficulty_city]
    if PLANNING in question.type and question.question_transfer_count > 0:
        weight += TRANSFER_WEIGHT
    return weight
