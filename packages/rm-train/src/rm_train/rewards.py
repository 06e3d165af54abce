"""The rewards of `rm_rewards`, as the functions that TRL calls: one column a component.

The adapter of `rm_rewards` for TRL makes them, and scores each reply once. Here the dataset holds
the number of a question in the place of its label, and what was scored is kept for the step's log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Any, TypeAlias

from rm_rewards import Network, Question, Reward, RewardSpec, score_group
from rm_rewards.adapters.scored_batch import (
    Reply,
    RewardFunction,
    ScoredBatch,
    columns_of,
    reply_text,
    reward_function,
)
from rm_rewards.adapters.scored_batch import Scored as Earned
from rm_rewards.adapters.trl_rewards import reward_weights
from rm_rewards.composition import Composed
from rm_train.watchdog.marks import mark_of, of_all_processes, shares

NetworkOf: TypeAlias = Callable[[Question], Network | None]
COLUMN = "question"
"""The dataset's column with the numbers of the questions."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A reply of the step at hand and what it earned."""

    question: Question
    stage: str
    text: str
    reward: Reward


class Scorer:
    """Scores the replies to questions that are known by their number.

    Args:
        questions: By number, as in the dataset's column `question`.
        network_of: The network of a question; called once for each.
        spec: The reward specification.

    Raises:
        RecordError: If a network cannot be used.
    """

    def __init__(
        self, questions: Sequence[Question], network_of: NetworkOf, spec: RewardSpec
    ) -> None:
        self.reward = self.spec = spec
        self.last: tuple[Scored, ...] = ()
        self._questions = questions
        self._networks = [network_of(question) for question in questions]

    def question(self, number: int, /) -> Question:
        """The question of that number."""
        return self._questions[number]

    def network(self, number: int) -> Network | None:
        """The network of the question of that number, if it has one."""
        return self._networks[number]

    def group(
        self, number: int, texts: Sequence[str], _truncated: object, _tokens: object = None, /
    ) -> list[Composed]:
        """What each of a group of replies to that question earned, in order."""
        question, network = self._questions[number], self._networks[number]
        found = score_group(question, texts, network=network, reward=self.spec)
        if not self.spec.weighted:
            for reward in found:
                check_sum(reward, self.spec.alpha)
        return [Composed(reward=reward, components={}) for reward in found]

    def keep(self, batch: Sequence[Earned], columns: Mapping[str, Any]) -> None:
        """Keep what was scored as `last`, and tell TRL how much of it is right."""
        rows = zip(batch, columns["stage"], columns["completions"], strict=True)
        self.last = tuple(
            Scored(question, stage, reply_text(reply), found.reward)
            for (question, found), stage, reply in rows
        )
        own = [mark_of(scored.question, scored.reward) for scored in self.last]
        told = shares(of_all_processes(own), detail=self.spec.weighted)
        for metric, value in told.items():
            columns["log_metric"](metric, value)


def reward_functions(scorer: Scorer) -> tuple[list[RewardFunction], list[float]]:
    """The functions for TRL and their weights; weighted, the columns add up to the total.

    A reply that could not be scored has None in every column: TRL and our advantages leave it out
    of its group, where a 0 would call it wrong.
    """
    batch = ScoredBatch(scorer, COLUMN)
    names = columns_of(scorer.spec) or ["total"]
    functions = [
        _without_errors(reward_function(name, batch, None if i else scorer.keep), batch)
        for i, name in enumerate(names)
    ]
    return functions, reward_weights(scorer.spec)


def _without_errors(function: RewardFunction, batch: ScoredBatch) -> RewardFunction:
    def scored(*, completions: Sequence[Reply], **columns: Any) -> list[float | None]:  # noqa: ANN401 - see RewardFunction
        earned = function(completions=completions, **columns)
        status = [found.reward.status for _, found in batch(completions, columns)]
        return [None if s == "error" else e for e, s in zip(earned, status, strict=True)]

    scored.__name__ = function.__name__
    return scored


def check_sum(earned: Reward, alpha: float) -> None:
    """Make sure that the columns add up to the total that the specification gave.

    Raises:
        AssertionError: Naming the question and both sums.
    """
    total = earned.format + earned.correctness + alpha * earned.detail
    assert isclose(total, earned.total, rel_tol=1e-6, abs_tol=1e-6), (
        f"question {earned.question_id!r}: the components make {total}, the total is {earned.total}"
    )
