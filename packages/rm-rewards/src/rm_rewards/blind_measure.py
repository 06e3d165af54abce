"""Blind replies to many questions, scored by any reward: the most that one of them earns.

They are fitted on one half of the questions and measured on the other, so that an answer is never
met by the reply that was copied from it. Where there are several cities they are fitted on all of
them, and on each alone: whoever knows which city it is need not look at its map.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias
from zlib import crc32

from rm_rewards.blind_replies import Counts, Policy, fitted, policies
from rm_rewards.gold import gold_answer
from rm_rewards.records import Question

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
        type, component: Where it was measured; `detail.line` is the row `line` of the detail.
        questions: How many questions were asked.
        honest: The mean of the right answers.
        blind: The mean of the blind reply that earns most.
        blind_wrong: The mean over those of its replies that are wrong, for the blind reply for
            which that is most: what is earned without being right.
        reply: The name of the blind reply that earns `blind_wrong`.
        example: That reply to one of the questions.
        wrong: How many wrong replies of that kind there were.
        constant_wrong: As `blind_wrong`, of replies that do not even read the question.
        given: Whether the question gives it, so that only constant replies can be held against it.
    """

    type: str
    component: str
    questions: int
    honest: float
    blind: float
    blind_wrong: float
    reply: str
    example: str
    wrong: int
    constant_wrong: float
    given: bool = False

    @property
    def share(self) -> float:
        """`blind_wrong` over `honest`; 0 where a right answer earns nothing either."""
        return self.blind_wrong / self.honest if self.honest > 0 else 0.0

    @property
    def undeserved(self) -> float:
        """The share that is held against it: of constant replies alone for what is `given`."""
        earned = self.constant_wrong if self.given else self.blind_wrong
        return earned / self.honest if self.honest > 0 else 0.0


def blind_bounds_of(measure: Measure, questions: Iterable[Question]) -> tuple[BlindBound, ...]:
    """The same for any reward: a row for each question type and each part that it names."""
    by_type: dict[str, list[Question]] = {}
    for question in questions:
        if question.answer is not None or question.routes:
            by_type.setdefault(question.type, []).append(question)
    return tuple(
        bound for kind, asked in by_type.items() for bound in _of_type(measure, kind, asked)
    )


def _of_type(measure: Measure, kind: str, asked: Sequence[Question]) -> Iterator[BlindBound]:
    asked = asked[:: -(-len(asked) // _MOST_QUESTIONS)]
    halves = [crc32(question.id.encode()) % 2 for question in asked]
    known = [_fitted(asked, halves, lambda _: "")]
    tried = policies(kind)
    if len(set(map(_city, asked))) > 1:
        known.append(_fitted(asked, halves, _city))
        tried += tuple(replace(policy, name=f"for its city, {policy.name}") for policy in tried)
    gold: list[Measured] = []
    earned: list[list[tuple[str, Measured]]] = [[] for _ in tried]
    for question, half in zip(asked, halves, strict=True):
        counts = [of.get((half, _city(question))) or known[0][half, ""] for of in known]
        each = len(tried) // len(known)
        texts = [policy.reply(question, counts[i // each]) for i, policy in enumerate(tried)]
        first, *rest = measure(question, [gold_answer(question), *texts])
        gold.append(first)
        for rows, text, found in zip(earned, texts, rest, strict=True):
            rows.append((text, found))
    for component in gold[0].parts:
        yield _bound(kind, component, gold, tried, earned)


def _city(question: Question) -> str:
    return f"{question.country}/{question.city}"


def _fitted(
    asked: Sequence[Question], halves: Sequence[int], place: Callable[[Question], str]
) -> Mapping[tuple[int, str], Counts]:
    """For each half and place what is common in the other half of the questions there."""
    groups: dict[tuple[int, str], list[Question]] = {}
    for question, half in zip(asked, halves, strict=True):
        groups.setdefault((1 - half, place(question)), []).append(question)
    found = {key: fitted(group) for key, group in groups.items()}
    return {(half, ""): fitted(()) for half in (0, 1)} | found


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
    constant = [mean for mean, policy in zip(wrong, tried, strict=True) if policy.constant]
    return BlindBound(
        type=kind,
        component=component,
        questions=len(gold),
        honest=_mean([found.parts[component] for found in gold]),
        blind=max(means),
        blind_wrong=wrong[most],
        reply=tried[most].name,
        example=earned[most][0][0],
        wrong=sum(not found.correct for _, found in earned[most]),
        constant_wrong=max(constant),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
