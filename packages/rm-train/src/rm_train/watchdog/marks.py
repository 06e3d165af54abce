"""What the replies of a step earned, over all processes, in shares: what the watchdog looks at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

import accelerate  # pyright: ignore[reportMissingTypeStubs] - has no stubs
import torch.distributed

from rm_rewards import PLANNING, Question, Reward

T = TypeVar("T")

_ALIKE: Final = 1e-6
"""Totals that differ by less are the same."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One reply: the question it answers and what of its reward counts here.

    Attributes:
        detail: None for questions that have none.
    """

    question: str
    type: str
    total: float
    accuracy: float
    correct: bool
    status: str
    detail: float | None


def mark_of(question: Question, reward: Reward) -> Mark:
    """The mark of a reply."""
    return Mark(
        question=question.id,
        type=question.type,
        total=reward.total,
        accuracy=reward.accuracy,
        correct=reward.correct,
        status=reward.status,
        detail=reward.detail if question.type == PLANNING or reward.detail else None,
    )


def of_all_processes(own: Sequence[T]) -> list[T]:
    """The values of all processes, in their order; every process has to call this."""
    together = torch.distributed.is_available() and torch.distributed.is_initialized()
    if not together or torch.distributed.get_world_size() == 1:
        return list(own)
    return cast("Any", accelerate).utils.gather_object(list(own))


def shares(marks: Iterable[Mark], *, detail: bool = False) -> dict[str, float]:
    """What a step tells of its replies, by the name in TRL's log.

    `accuracy`, `accuracy/TYPE`, `correct`: means over replies. `unparsed`: replies without an
    answer that could be read; `reward_errors`: replies that could not be scored. `dead/all`,
    `dead/right`, `dead/wrong`: shares of the questions whose replies all earned the same, whose
    replies are besides all right, and all wrong.

    Args:
        marks: Of the replies of all processes.
        detail: Whether to tell the detail reward, as `rewards/detail/mean`: for rewards that have
            no column for it, in which TRL would see it.
    """
    values: dict[str, list[float]] = defaultdict(list)
    groups: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        groups[mark.question].append(mark)
        values["accuracy"].append(mark.accuracy)
        values["correct"].append(float(mark.correct))
        values[f"accuracy/{mark.type}"].append(mark.accuracy)
        values["unparsed"].append(float(mark.status in ("unparsed", "truncated")))
        values["reward_errors"].append(float(mark.status == "error"))
        if detail and mark.detail is not None:
            values["rewards/detail/mean"].append(mark.detail)
    for group in groups.values():
        totals = [mark.total for mark in group]
        alike = max(totals) - min(totals) < _ALIKE
        values["dead/all"].append(float(alike))
        values["dead/right"].append(float(alike and all(mark.correct for mark in group)))
        values["dead/wrong"].append(float(alike and not any(mark.correct for mark in group)))
    return {name: sum(found) / len(found) for name, found in values.items()}
