"""What a reply can earn without looking at the map.

A component that a constant reply fills teaches the constant reply: a policy that learnt to write
one and the same transfer station earned all the credit for legs that join, and never recovered.
So each component is measured against replies that are blind: what other questions' answers are
(the majority of each type, common lines and transfers), and what this question's own text gives
away (its two stations, its options).

Blind replies are fitted on one half of the questions and measured on the other, so that an answer
is never met by the reply that was copied from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from zlib import crc32

from rm_rewards.blind_replies import Policy, fitted, policies
from rm_rewards.gold import gold_answer
from rm_rewards.network import Network
from rm_rewards.records import Question, Reward
from rm_rewards.scoring import score_group
from rm_rewards.specs import RewardSpec, reward_spec

SHAPING_LIMIT: Final = 0.6
"""The largest share of a shaping component that a wrong blind reply may earn on average.

`rewardmap` stays below it on any set: at worst, where every best route is direct, the two ends and
the number of legs are 3 of 6 points. A table of points that pays the two ends alone is above it.
"""
_MOST_QUESTIONS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one reply earned: whether it is right, and each component by name."""

    correct: bool
    parts: Mapping[str, float]


Measure: TypeAlias = Callable[[Question, Sequence[str]], Sequence[Measured]]
"""Scores replies to one question, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindBound:
    """What the best blind reply earns of one component, on the questions of one type.

    Attributes:
        type, component: Where it was measured.
        questions: How many questions were asked.
        honest: The mean of the right answers.
        blind: The mean of the blind reply that earns most.
        blind_wrong: The mean over those of its replies that are wrong, for the blind reply for
            which that is most: what is earned without being right.
        reply: The name of the blind reply that earns `blind_wrong`.
        example: That reply to one of the questions.
    """

    type: str
    component: str
    questions: int
    honest: float
    blind: float
    blind_wrong: float
    reply: str
    example: str

    @property
    def share(self) -> float:
        """`blind_wrong` over `honest`; 0 where a right answer earns nothing either."""
        return self.blind_wrong / self.honest if self.honest > 0 else 0.0


def blind_bounds(
    spec: str | RewardSpec,
    questions: Iterable[Question],
    *,
    network_of: Callable[[Question], Network | None] = lambda _: None,
) -> tuple[BlindBound, ...]:
    """What blind replies earn of `format`, `correctness`, `detail` and `total`, for each type.

    At most 200 questions of each type are asked, evenly spread.

    Args:
        spec: The specification to measure.
        questions: Questions with their answers; planning questions without `routes` are left out.
        network_of: The network of a question.

    Raises:
        RecordError: As `score`.
    """
    chosen = reward_spec(spec)

    def measure(question: Question, texts: Sequence[str]) -> list[Measured]:
        found = score_group(question, texts, network=network_of(question), reward=chosen)
        return [_measured(reward) for reward in found]

    return blind_bounds_of(measure, questions)


def _measured(reward: Reward) -> Measured:
    parts = {
        "format": reward.format,
        "correctness": reward.correctness,
        "detail": reward.detail,
        "total": reward.total,
    }
    return Measured(correct=reward.correct, parts=parts)


def blind_bounds_of(measure: Measure, questions: Iterable[Question]) -> tuple[BlindBound, ...]:
    """The same for any reward: a row for each question type and each part that it names."""
    by_type: dict[str, list[Question]] = {}
    for question in questions:
        if question.answer is not None or question.routes:
            by_type.setdefault(question.type, []).append(question)
    return tuple(
        bound for kind, asked in by_type.items() for bound in _of_type(measure, kind, asked)
    )


def fillable(
    bounds: Iterable[BlindBound], *, shaping: Iterable[str] = ("detail",)
) -> tuple[BlindBound, ...]:
    """The shaping components that a blind reply fills: those with a share above `SHAPING_LIMIT`.

    A specification with one of them should not be trained on.
    """
    names = set(shaping)
    return tuple(b for b in bounds if b.component in names and b.share > SHAPING_LIMIT)


def _of_type(measure: Measure, kind: str, asked: Sequence[Question]) -> Iterator[BlindBound]:
    asked = asked[:: -(-len(asked) // _MOST_QUESTIONS)]
    halves = [crc32(question.id.encode()) % 2 for question in asked]
    fits = [
        fitted([q for q, half in zip(asked, halves, strict=True) if half != own]) for own in (0, 1)
    ]
    tried = policies(kind)
    gold: list[Measured] = []
    earned: list[list[tuple[str, Measured]]] = [[] for _ in tried]
    for question, half in zip(asked, halves, strict=True):
        texts = [policy.reply(question, fits[half]) for policy in tried]
        first, *rest = measure(question, [gold_answer(question), *texts])
        gold.append(first)
        for rows, text, found in zip(earned, texts, rest, strict=True):
            rows.append((text, found))
    for component in gold[0].parts:
        yield _bound(kind, component, gold, tried, earned)


def _bound(
    kind: str,
    component: str,
    gold: Sequence[Measured],
    tried: Sequence[Policy],
    earned: Sequence[Sequence[tuple[str, Measured]]],
) -> BlindBound:
    means = [_mean([found.parts[component] for _, found in rows]) for rows in earned]
    wrong = [
        _mean([found.parts[component] for _, found in rows if not found.correct]) for rows in earned
    ]
    most = max(range(len(tried)), key=wrong.__getitem__)
    return BlindBound(
        type=kind,
        component=component,
        questions=len(gold),
        honest=_mean([found.parts[component] for found in gold]),
        blind=max(means),
        blind_wrong=wrong[most],
        reply=tried[most].name,
        example=earned[most][0][0],
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
