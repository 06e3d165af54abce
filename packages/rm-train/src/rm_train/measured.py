"""What rm-eval measured of a model, read from its run folder, and the difference between two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rm_eval import mcnemar, wilson
from rm_rewards import QUESTION_TYPES, Completion, Question, Reward, jsonl
from rm_train.run_directory import RunError


@dataclass(frozen=True, slots=True)
class Measured:
    """One model's replies to some questions; of several replies to a question the first.

    Attributes:
        name: What it is called in the report.
        folder: Paths in the questions are relative to it.
    """

    name: str
    folder: Path
    questions: Mapping[str, Question]
    replies: Mapping[str, Completion]
    rewards: Mapping[str, Reward]


@dataclass(frozen=True, slots=True)
class Share:
    """How many of some questions were answered right, with Wilson's 95 % interval."""

    correct: int
    n: int

    @property
    def accuracy(self) -> float:
        """Correct / n; 0 without questions."""
        return self.correct / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Low and high end."""
        return wilson(self.correct, self.n)


def read_measured(name: str, folder: Path) -> Measured:
    """Read questions.jsonl, completions.jsonl and rewards.jsonl of an rm-eval folder.

    Raises:
        RunError: If one of them is missing, or they do not belong together.
        RecordError: If a line is not what it should be.
    """
    for file in ("questions.jsonl", "completions.jsonl", "rewards.jsonl"):
        if not (folder / file).is_file():
            raise RunError(f"{folder}: {file} is missing; expected a finished rm-eval folder")
    questions = {q.id: q for q in jsonl.read(Question, folder / "questions.jsonl")}
    replies = {
        reply.question_id: reply
        for reply in jsonl.read(Completion, folder / "completions.jsonl")
        if reply.sample == 0
    }
    rewards = {
        reward.question_id: reward
        for reward in jsonl.read(Reward, folder / "rewards.jsonl")
        if reward.sample == 0
    }
    for key in questions:
        if key not in replies or key not in rewards:
            raise RunError(f"{folder}: question {key!r} has no reply or no reward; run it anew")
    return Measured(name, folder, questions, replies, rewards)


def types_in(measured: Sequence[Measured]) -> list[str]:
    """The question types, the published ones first and in their order."""
    found = {q.type for one in measured for q in one.questions.values()}
    known = [name for name in QUESTION_TYPES if name in found]
    return known + sorted(found - set(known))


def share(measured: Measured, kind: str | None) -> Share:
    """The right answers to the questions of a type, or to all."""
    rows = [measured.rewards[q.id] for q in measured.questions.values() if kind in (None, q.type)]
    return Share(sum(row.correct for row in rows), len(rows))


def changed(a: Measured, b: Measured, kind: str | None) -> tuple[int, int, float]:
    """Questions of both that only `b` and only `a` has right, and McNemar's exact p."""
    both = [
        key
        for key, question in a.questions.items()
        if key in b.questions and kind in (None, question.type)
    ]
    gained = sum(b.rewards[key].correct and not a.rewards[key].correct for key in both)
    lost = sum(a.rewards[key].correct and not b.rewards[key].correct for key in both)
    return gained, lost, mcnemar(gained, lost)


def worth_showing(measured: Sequence[Measured], count: int) -> list[str]:
    """Ids of questions to look at: of each type in turn, those that changed first."""
    if not measured:
        return []
    first, last = measured[0], measured[-1]
    ranked: dict[str, list[tuple[int, str]]] = {}
    for key, question in first.questions.items():
        if key in last.rewards:
            before, after = first.rewards[key].correct, last.rewards[key].correct
            rank = {(False, True): 0, (True, False): 1, (False, False): 2, (True, True): 3}
            ranked.setdefault(question.type, []).append((rank[before, after], key))
    queues = [_mixed(sorted(ranked[kind])) for kind in types_in(measured) if kind in ranked]
    shown: list[str] = []
    while len(shown) < count and any(queues):
        shown += [queue.pop(0) for queue in queues if queue]
    return shown[:count]


def _mixed(ranked: Sequence[tuple[int, str]]) -> list[str]:
    """One of each outcome in turn, so that a page shows failures beside gains."""
    by_rank: dict[int, list[str]] = {}
    for rank, key in ranked:
        by_rank.setdefault(rank, []).append(key)
    mixed: list[str] = []
    while any(by_rank.values()):
        mixed += [queue.pop(0) for queue in by_rank.values() if queue]
    return mixed
