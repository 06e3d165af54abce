"""Can a reward be relied on: full marks for the right answer, none for garbage, always the same."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final

from rm_rewards.composition import AnyReward, Composition, rewards_of
from rm_rewards.honest import honest_replies
from rm_rewards.network import Network
from rm_rewards.records import PLANNING, Question, RecordError, Reward
from rm_rewards.stops import grades_stops

GARBAGE: Final = (
    "",
    " \n\t",
    "\0",
    "I do not know.",
    "a" * 5_000,
    "the " * 2_000,
    "\N{GRINNING FACE}" * 50,
    "{}[]()\\\\$$%%&&",
    "</think></answer>",
    "\\boxed",
    "None of the above is what I wanted to say, so let me think about it once more.",
)
"""Replies that answer nothing, to any question."""

_THREADS: Final = 8
_SLACK: Final = 1e-9
_SHOWN: Final = 60
_TIMED: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question of a file, with its network and the replies that deserve full marks."""

    where: str
    question: Question
    network: Network | None
    honest: tuple[str, ...]

    @property
    def replies(self) -> tuple[str, ...]:
        """The replies it is tried with: the honest ones, then garbage."""
        return (*self.honest, *GARBAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong, found by which check, at which question."""

    check: str
    where: str
    text: str


def asked_of(
    where: str, question: Question, network: Network | None, reward: AnyReward | None = None
) -> Asked:
    """That question with its honest replies, in the form that the reward asks for.

    Raises:
        RecordError: If it has none: no answer, no route.
    """
    honest = tuple(honest_replies(question, network, reward))
    return Asked(where=where, question=question, network=network, honest=honest)


def sound_findings(reward: AnyReward, asked: Asked) -> Iterator[Finding]:
    """What is wrong with the rewards of one question: `oracle`, `garbage` and `range`.

    Raises:
        RecordError: As `rm_rewards.score`.
    """
    found = _each(reward, asked)
    low, high = reward.bounds
    for text, value in zip(asked.replies, found, strict=True):
        if not low - _SLACK <= value.total <= high + _SLACK:
            said = f"total {value.total:g} is outside {low:g} to {high:g} for {_short(text)}"
            yield Finding(check="range", where=asked.where, text=said)
    for text, value in zip(asked.honest, found, strict=False):
        fault = _not_full(reward, asked.question, value)
        if fault:
            said = f"{fault} for the right answer {_short(text)}"
            yield Finding(check="oracle", where=asked.where, text=said)
    floor = max(0.0, low)
    if isinstance(reward, Composition):  # a part that pays for being short pays garbage as well
        floor = max(floor, min(v.total for v in found[: len(asked.honest)]) - _SLACK)
    for text, value in zip(GARBAGE, found[len(asked.honest) :], strict=True):
        if value.total > floor or value.correct:
            said = f"total {value.total:g} is above {floor:g} for {_short(text)}"
            yield Finding(check="garbage", where=asked.where, text=said)


def _each(reward: AnyReward, asked: Asked) -> list[Reward]:
    return [
        found
        for text in asked.replies
        for found in rewards_of(reward, asked.question, [text], asked.network)
    ]


def _not_full(reward: AnyReward, question: Question, found: Reward) -> str:
    """Why these are not full marks; empty if they are.

    The published rules give a perfect route fewer points than they could, by their own faults:
    there, and in a composition, full marks are a right answer without any fault in it.
    """
    if not found.correct or found.reasons:
        return f"correct {found.correct} with reasons {', '.join(found.reasons) or 'none'}"
    if isinstance(reward, Composition) or reward.grader != "repaired":
        return ""
    best = reward.format + reward.correctness
    best += reward.alpha if question.type == PLANNING or grades_stops(question) else 0.0
    short = found.total < best - _SLACK
    return f"total {found.total:g} instead of {best:g}" if short else ""


def repeated_findings(reward: AnyReward, asked: Sequence[Asked]) -> Iterator[Finding]:
    """Whether all is scored the same again (`determinism`), and from 8 threads (`threads`).

    Raises:
        RecordError: As `rm_rewards.score`.
    """
    first = [_each(reward, item) for item in asked]
    again = [_each(reward, item) for item in asked]
    with ThreadPoolExecutor(_THREADS) as pool:
        threaded = list(pool.map(partial(_each, reward), asked))
    for check, other in (("determinism", again), ("threads", threaded)):
        for item, one, two in zip(asked, first, other, strict=True):
            if one != two:
                said = "the same replies earned other rewards the second time"
                yield Finding(check=check, where=item.where, text=said)


def speed(reward: AnyReward, asked: Sequence[Asked]) -> float:
    """Right answers scored in a second, on one thread, group by group of one question each.

    Raises:
        RecordError: If there is nothing to time.
    """
    timed = list(islice(asked, _TIMED))
    if not timed:
        raise RecordError("questions", 0, "at least one question")
    began = time.perf_counter()
    count = 0
    for item in timed:
        count += len(rewards_of(reward, item.question, item.honest * 8, item.network))
    return count / max(time.perf_counter() - began, 1e-9)


def _short(text: str) -> str:
    shown = repr(text)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."


__all__ = [
    "GARBAGE",
    "Asked",
    "Finding",
    "asked_of",
    "repeated_findings",
    "sound_findings",
    "speed",
]
