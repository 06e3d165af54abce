"""The rewards of `rm_rewards`, as the functions that TRL calls: one column a component.

Each reply is scored once; the functions, which TRL calls one after the other with the same batch,
share the result.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import isclose
from typing import Protocol, TypeAlias

from rm_rewards import PLANNING, Network, Question, Reward, RewardSpec, grades_stops, score_group

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
        network_of: The network of a question; called once for each.
        spec: The reward specification.

    Raises:
        RecordError: If a network cannot be used.
    """

    def __init__(
        self, questions: Sequence[Question], network_of: NetworkOf, spec: RewardSpec
    ) -> None:
        self.spec = spec
        self.last: tuple[Scored, ...] = ()
        self._questions = questions
        self._networks = [network_of(question) for question in questions]
        self._key: tuple[Sequence[int], Sequence[Reply]] | None = None

    def __call__(
        self, numbers: Sequence[int], stages: Sequence[str], completions: Sequence[Reply]
    ) -> tuple[Scored, ...]:
        """The scored batch, also kept as `last`; the same lists again are not scored again."""
        if self._key is None or self._key[0] is not numbers or self._key[1] is not completions:
            self._key = (numbers, completions)
            rows = zip(numbers, stages, completions, strict=True)
            groups = groupby(rows, lambda row: row[0])
            self.last = tuple(
                scored for number, group in groups for scored in self._group(number, list(group))
            )
        return self.last

    def _group(self, number: int, rows: Sequence[tuple[int, str, Reply]]) -> Iterator[Scored]:
        question = self._questions[number]
        texts = [reply[0]["content"] for _, _, reply in rows]
        network = self._networks[number]
        rewards = score_group(question, texts, network=network, reward=self.spec)
        for (_, stage, _), text, reward in zip(rows, texts, rewards, strict=True):
            yield Scored(question, stage, text, reward)


Column: TypeAlias = Callable[[Scored], float | None]


def reward_functions(scorer: Scorer) -> tuple[list[RewardFunction], list[float]]:
    """The functions for TRL and their weights.

    The total is format + correctness + alpha x detail, so each component is a column of its own;
    `detail` does not apply to questions without a route or a list of stops. A specification that
    multiplies its total by the difficulty weight (the published scorer) is the one column `total`.
    """
    spec = scorer.spec
    if spec.weighted:
        return [_function("total", scorer, lambda scored: scored.reward.total, logs=True)], [1.0]

    def detail(scored: Scored) -> float | None:
        check_sum(scored.reward, spec.alpha)
        graded = scored.question.type == PLANNING or grades_stops(scored.question)
        applies = graded or scored.reward.detail != 0
        return scored.reward.detail if applies else None

    functions = [
        _function("format", scorer, lambda scored: scored.reward.format, logs=True),
        _function("correctness", scorer, lambda scored: scored.reward.correctness),
        _function("detail", scorer, detail),
    ]
    return functions, [1.0, 1.0, spec.alpha]


def check_sum(earned: Reward, alpha: float) -> None:
    """Make sure that the columns add up to the total that the specification gave.

    Raises:
        AssertionError: Naming the question and both sums.
    """
    total = earned.format + earned.correctness + alpha * earned.detail
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
