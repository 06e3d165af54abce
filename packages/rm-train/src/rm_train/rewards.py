"""The rewards of `rm_rewards`, as the functions that TRL calls: one column a component.

Each reply is scored once; the functions, which TRL calls one after the other with the same batch,
share the result.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Protocol, TypeAlias

from rm_rewards import PLANNING, Network, Question, Reward

Score: TypeAlias = Callable[[Question, str, Network | None], Reward]
NetworkOf: TypeAlias = Callable[[Question], Network | None]
Reply: TypeAlias = Sequence[Mapping[str, str]]
"""A reply as TRL gives it: a conversation of one turn."""


class LogMetric(Protocol):
    """TRL's hook: a number for the log, averaged over devices."""

    def __call__(self, name: str, value: float) -> None:
        """Log one number."""
        ...


class RewardFunction(Protocol):
    """What TRL calls; `__name__` is the name of the column."""

    __name__: str

    def __call__(
        self,
        *,
        completions: Sequence[Reply],
        question: Sequence[int],
        stage: Sequence[str],
        log_metric: LogMetric,
        **_rest: object,
    ) -> list[float | None]:
        """One reward a reply; None where it does not apply."""
        ...


@dataclass(frozen=True, slots=True)
class Scored:
    """A reply of the step at hand and what it earned."""

    question: Question
    stage: str
    text: str
    reward: Reward


class Scorer:
    """Scores the replies of one batch, once.

    Args:
        questions: By number, as in the dataset's column `question`.
        network_of: The network of a question; called once a question.
        score: Scores one reply.
    """

    def __init__(self, questions: Sequence[Question], network_of: NetworkOf, score: Score) -> None:
        self._questions = questions
        self._networks = [network_of(question) for question in questions]
        self._score = score
        self._key: tuple[Sequence[int], Sequence[Reply]] | None = None
        self.last: tuple[Scored, ...] = ()
        """The replies of the batch scored last, in its order."""

    def __call__(
        self, numbers: Sequence[int], stages: Sequence[str], completions: Sequence[Reply]
    ) -> tuple[Scored, ...]:
        """The scored batch; the same lists again give the same result without scoring."""
        if self._key is None or self._key[0] is not numbers or self._key[1] is not completions:
            self._key = (numbers, completions)
            self.last = tuple(
                self._scored(number, stage, reply[0]["content"])
                for number, stage, reply in zip(numbers, stages, completions, strict=True)
            )
        return self.last

    def _scored(self, number: int, stage: str, text: str) -> Scored:
        question = self._questions[number]
        reward = self._score(question, text, self._networks[number])
        return Scored(question, stage, text, reward)


Column: TypeAlias = Callable[[Scored], float | None]


def reward_functions(
    scorer: Scorer, *, components: bool, alpha: float
) -> tuple[list[RewardFunction], list[float]]:
    """The functions for TRL and their weights.

    Args:
        scorer: Shared by the functions.
        components: Whether the specification's total is format + correctness + alpha x detail; then
            each is a column of its own, and `detail` does not apply to questions without a route.
            Otherwise `total` is the only column.
        alpha: The weight of `detail`.
    """
    if not components:
        return [_function("total", scorer, lambda scored: scored.reward.total, logs=True)], [1.0]

    def detail(scored: Scored) -> float | None:
        _check_sum(scored, alpha)
        return scored.reward.detail if scored.question.type == PLANNING else None

    functions = [
        _function("format", scorer, lambda scored: scored.reward.format, logs=True),
        _function("correctness", scorer, lambda scored: scored.reward.correctness),
        _function("detail", scorer, detail),
    ]
    return functions, [1.0, 1.0, alpha]


def _check_sum(scored: Scored, alpha: float) -> None:
    earned = scored.reward
    applies = scored.question.type == PLANNING
    total = earned.format + earned.correctness + (alpha * earned.detail if applies else 0.0)
    assert isclose(total, earned.total, rel_tol=1e-6, abs_tol=1e-6), (
        f"question {earned.question_id!r}: the components make {total}, the total is {earned.total}"
    )


def _function(name: str, scorer: Scorer, column: Column, *, logs: bool = False) -> RewardFunction:
    def function(
        *,
        completions: Sequence[Reply],
        question: Sequence[int],
        stage: Sequence[str],
        log_metric: LogMetric,
        **_rest: object,
    ) -> list[float | None]:
        batch = scorer(question, stage, completions)
        if logs:
            for metric, value in accuracies(batch).items():
                log_metric(metric, value)
        return [column(scored) for scored in batch]

    function.__name__ = name
    return function


def accuracies(batch: Sequence[Scored]) -> dict[str, float]:
    """The mean accuracy of a batch: in all, of each question type, and the share of right ones."""
    values: dict[str, list[float]] = defaultdict(list)
    for scored in batch:
        values["accuracy"].append(scored.reward.accuracy)
        values["correct"].append(float(scored.reward.correct))
        values[f"accuracy/{scored.question.type}"].append(scored.reward.accuracy)
    return {name: sum(found) / len(found) for name, found in values.items()}
