"""A finished run question by question: what was asked, replied and earned, in one row each.

On disk one JSON object a line, `samples.jsonl`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from math import isfinite
from pathlib import Path
from typing import Any, ClassVar, Final

from rm_eval.clusters import cluster_of
from rm_eval.errors import EvalError
from rm_eval.item import ITEMS, Item
from rm_eval.job import QUESTIONS, REWARDS
from rm_eval.journal import BATCHES, COMPLETIONS, batches_in, replies_in
from rm_eval.metrics import stratum_of
from rm_rewards import Completion, Question, RecordError, Reward, gold_answer, jsonl

SAMPLES: Final = "samples.jsonl"

_NUMBERS: Final = ("weight", "accuracy", "total", "latency_s", "map_score", "map_score_fixed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One question of a finished run.

    Attributes:
        id, type, country, city, figure, question: As asked; `figure` relative to the run folder.
        cluster: What it stands or falls with: a map, a picture, a question in several orders.
        gold: The right answer as text; None where the type has none.
        weight: In the benchmark's weighted accuracy; None for a question of no benchmark.
        reply: The raw text.
        parsed: What was read from it; None where nothing was.
        status, correct, accuracy, total: What it earned; `accuracy` is its score in [0, 1].
        finish_reason, tokens, visual_tokens, latency_s: How it was made; the latency is that of the
            question's batch where replies are made together.
        task: The benchmark; empty for a question of none.
        category, leaf, cycle: What the benchmark reports it by.
        path: The rule by which the answer was read, such as `letter` or `boxed`; `none` if none
            did; None where the run is of a version that did not tell.
        published_correct: Whether it is right as the benchmark's published code reads replies,
            where that is not what `correct` goes by.
        map_score, map_score_fixed: Of a route: with the published faults, and without.
        prompt_tokens: All tokens of the prompt.
        prompt_sha256: Of the prompt's text after the chat template where that is applied here, else
            of the message that was sent.
        picture_sha256: Of the picture's file.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

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
    task: str = ""
    category: str = ""
    leaf: str = ""
    cycle: str = ""
    path: str | None = None
    published_correct: bool | None = None
    map_score: float | None = None
    map_score_fixed: float | None = None
    prompt_tokens: int | None = None
    prompt_sha256: str | None = None
    picture_sha256: str | None = None

    def __post_init__(self) -> None:
        for name in _NUMBERS:
            value: float | None = getattr(self, name)
            if value is not None and not isfinite(value):
                raise RecordError(name, value, "a finite number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is known of how one question was put; see `Sample`."""

    visual_tokens: int | None = None
    prompt_tokens: int | None = None
    prompt_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What else is known of one reply when it is graded; see `Sample`."""

    path: str | None = None
    published_correct: bool | None = None
    map_score: float | None = None
    map_score_fixed: float | None = None
    picture_sha256: str | None = None


def sample_of(
    question: Question,
    item: Item | None,
    completion: Completion,
    reward: Reward,
    asked: Asked,
    seen: Seen,
) -> Sample:
    """The row of one question."""
    stratum = stratum_of(question, item)
    return Sample(
        id=question.id,
        type=question.type,
        country=question.country,
        city=question.city,
        cluster=(item.cluster if item else "") or cluster_of(question),
        figure=question.figure,
        question=question.question,
        gold=item.answer if item else _gold(question),
        weight=stratum.weight,
        reply=completion.text,
        parsed=reward.parsed,
        status=reward.status,
        correct=reward.correct,
        accuracy=reward.accuracy,
        total=reward.total,
        finish_reason=completion.finish_reason,
        tokens=completion.tokens,
        visual_tokens=asked.visual_tokens,
        latency_s=completion.latency_s,
        task=stratum.task,
        category=stratum.category,
        leaf=stratum.leaf,
        cycle=stratum.cycle,
        path=seen.path,
        published_correct=seen.published_correct,
        map_score=seen.map_score,
        map_score_fixed=seen.map_score_fixed,
        prompt_tokens=asked.prompt_tokens,
        prompt_sha256=asked.prompt_sha256,
        picture_sha256=seen.picture_sha256,
    )


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
    if (folder / SAMPLES).is_file():
        yield from jsonl.read(Sample, folder / SAMPLES)
    else:  # of a version that did not write them
        yield from _joined(folder)


def asked_in(folder: Path) -> Iterator[Asked]:
    """How each question of a run was put, in the order of the questions."""
    for batch in batches_in(folder):
        unknown = (None,) * batch.questions
        for visual, prompt, sha256 in zip(
            batch.visual_tokens or unknown,
            batch.prompt_lengths or unknown,
            batch.prompt_sha256 or unknown,
            strict=True,
        ):
            yield Asked(visual_tokens=visual, prompt_tokens=prompt, prompt_sha256=sha256)


def _joined(folder: Path) -> Iterator[Sample]:
    items = _Items(folder / ITEMS)
    for number, (question, completion, reward, asked) in enumerate(
        zip_longest(
            jsonl.read(Question, folder / QUESTIONS),
            replies_in(folder),
            jsonl.read(Reward, folder / REWARDS),
            asked_in(folder),
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
        item = items.of(question)
        yield sample_of(question, item, completion, reward, asked or Asked(), Seen())


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


def _gold(question: Question) -> str | None:
    try:
        return gold_answer(question)
    except RecordError:
        return None if question.answer is None else str(question.answer)
