"""Rewards for verifiers 0.4: coroutines that are plugged into a task by their import path.

    [env.taskset.task.rewards.rewardmap]
    fn = "rm_rewards.adapters.verifiers_rewards:total"
    [env.taskset.task.metrics.components]
    fn = "rm_rewards.adapters.verifiers_rewards:parts"

The task's data has a field `answer`: the label that `encode_question` makes. verifiers hands over
what a function asks for by parameter name. For another reward, or to train on the components with
weights of their own, plug coroutines of a module of your own: `total = total_reward("sparse")`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from rm_rewards.adapters.label_scorer import Components, LabelScorer, components
from rm_rewards.adapters.question_label import Label
from rm_rewards.composition import AnyReward


class TaskData(Protocol):
    """A task's data, as far as it is used."""

    @property
    def answer(self) -> Label: ...


class Trace(Protocol):
    """A finished rollout, as far as it is used."""

    @property
    def last_reply(self) -> str: ...


Total: TypeAlias = Callable[[TaskData, Trace], Awaitable[float]]
Parts: TypeAlias = Callable[[TaskData, Trace], Awaitable[Mapping[str, float]]]


def total_reward(
    reward: str | AnyReward = "rewardmap", *, networks: Path | str | None = None
) -> Total:
    """A coroutine function `(task, trace)` that gives the total, to be plugged as a reward.

    Raises:
        RecordError: For an unknown reward, or one with a part that looks at whole groups; when
            called, for a label or network that cannot be used.
    """
    scorer = LabelScorer(reward, networks, one_by_one="verifiers")

    async def total(task: TaskData, trace: Trace) -> float:
        return scorer(task.answer, trace.last_reply).reward.total

    return total


def reward_parts(
    reward: str | AnyReward = "rewardmap", *, networks: Path | str | None = None
) -> Parts:
    """A coroutine function `(task, trace)` that gives the components, to be plugged as a metric.

    Raises:
        RecordError: As `total_reward`.
    """
    scorer = LabelScorer(reward, networks, one_by_one="verifiers")

    async def parts(task: TaskData, trace: Trace) -> Components:
        return components(scorer(task.answer, trace.last_reply))

    return parts


total: Final = total_reward()
parts: Final = reward_parts()

__all__ = ["parts", "reward_parts", "total", "total_reward"]
