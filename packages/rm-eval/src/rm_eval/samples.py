"""A finished run question by question: what was asked, replied and earned, in one row each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

from rm_eval.clusters import cluster_of
from rm_eval.errors import EvalError
from rm_eval.item import ITEMS, Item
from rm_eval.job import QUESTIONS, REWARDS
from rm_eval.journal import BATCHES, COMPLETIONS, Batch
from rm_eval.metrics import evaluation_weight
from rm_rewards import Completion, Question, RecordError, Reward, gold_answer, jsonl


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One question of a finished run.

    Attributes:
        id, type, country, city, figure, question: As asked; `figure` relative to the run folder.
        cluster: The map it stands or falls with.
        gold: The right answer as text; None where the type has none.
        weight: In the benchmark's weighted accuracy; None for types outside both benchmarks.
        reply: The raw text.
        parsed: What was read from it; None where nothing was.
        status, correct, accuracy, total: What it earned.
        finish_reason, tokens, visual_tokens, latency_s: How it was made; the latency is that of the
            question's batch.
    """

    id: str
    type: str
    country: str
    city: str
    cluster: str
    figure: str | None
    question: str
    gold: str | None
    weight: float | None
    reply: str
    parsed: str | None
    status: str
    correct: bool
    accuracy: float
    total: float
    finish_reason: str | None
    tokens: int | None
    visual_tokens: int | None
    latency_s: float | None


def read_samples(folder: Path) -> Iterator[Sample]:
    """The samples of a finished run in the order of its questions; one is in memory at a time.

    Raises:
        EvalError: If the folder is no finished run, or its files do not fit together.
        RecordError: If a line of one is damaged.
        OSError: If one cannot be read.
    """
    for name in (QUESTIONS, COMPLETIONS, REWARDS, BATCHES):
        if not (folder / name).is_file():
            raise EvalError(f"{folder}: no {name} there, expected the folder of a finished run")
    visual = chain.from_iterable(
        batch.visual_tokens for batch in jsonl.read(Batch, folder / BATCHES)
    )
    items = _Items(folder / ITEMS)
    for number, (question, completion, reward, tokens) in enumerate(
        zip_longest(
            jsonl.read(Question, folder / QUESTIONS),
            jsonl.read(Completion, folder / COMPLETIONS),
            jsonl.read(Reward, folder / REWARDS),
            visual,
        ),
        start=1,
    ):
        if (
            question is None
            or completion is None
            or reward is None
            or not question.id == completion.question_id == reward.question_id
        ):
            raise EvalError(
                f"{folder}: line {number}: {QUESTIONS}, {COMPLETIONS} and {REWARDS} do not fit "
                "together; go on with the same rm-eval bench, or run it anew"
            )
        yield _sample(question, completion, reward, tokens, items.of(question))


class _Items:
    """The items of a run on a prepared benchmark, read along with its questions."""

    def __init__(self, file: Path) -> None:
        self._left = jsonl.read(Item, file) if file.is_file() else iter(())
        self._next = next(self._left, None)

    def of(self, question: Question) -> Item | None:
        """The item of that question; questions come in the order of the items."""
        item = self._next
        if item is None or item.id != question.id:
            return None
        self._next = next(self._left, None)
        return item


def _sample(
    question: Question,
    completion: Completion,
    reward: Reward,
    visual_tokens: int | None,
    item: Item | None,
) -> Sample:
    return Sample(
        id=question.id,
        type=question.type,
        country=question.country,
        city=question.city,
        cluster=(item.cluster if item else "") or cluster_of(question),
        figure=question.figure,
        question=question.question,
        gold=item.answer if item else _gold(question),
        weight=item.weight if item else evaluation_weight(question),
        reply=completion.text,
        parsed=reward.parsed,
        status=reward.status,
        correct=reward.correct,
        accuracy=reward.accuracy,
        total=reward.total,
        finish_reason=completion.finish_reason,
        tokens=completion.tokens,
        visual_tokens=visual_tokens,
        latency_s=completion.latency_s,
    )


def _gold(question: Question) -> str | None:
    try:
        return gold_answer(question)
    except RecordError:
        return None if question.answer is None else str(question.answer)
