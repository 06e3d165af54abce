"""The reward of a run, tried on its own questions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rm_rewards import RecordError
from rm_rewards.adapters.scored_batch import ScoredBatch, columns_of, reward_function
from rm_rewards.adapters.trl_rewards import reward_weights
from rm_rewards.soundness import Asked, asked_of, sound_findings
from rm_train.doctor.answers import mark_findings, soundness_findings
from rm_train.doctor.case import Case
from rm_train.doctor.columns import Column, column_findings
from rm_train.doctor.finding import Finding
from rm_train.doctor.sample_replies import sample_replies, spread
from rm_train.rewards import COLUMN

_SAMPLE: Final = 48
"""Questions that are tried with garbage, and with replies that are nearly right."""

_GOLDS: Final = 2048
"""Questions whose right answers are scored."""


def reward_findings(case: Case) -> Iterator[Finding]:
    """Whether right answers earn full marks, garbage nothing, and columns differ.

    Raises:
        RecordError: If the reward cannot score a question at all.
    """
    questions = case.material.questions
    known = {n: asked for n in spread(questions, _GOLDS) if (asked := _asked(case, n))}
    faults = [
        asked.question.id
        for number, asked in known.items()
        if not case.scorer.group(number, asked.honest[:1], None)[0].reward.correct
    ]
    yield from mark_findings(faults, len(known))
    sample = spread(questions, _SAMPLE)
    tried = [asked for number in sample if (asked := _asked(case, number))]
    yield from soundness_findings(_unsound(case, tried, set(faults)), len(tried))
    columns, weights = sample_columns(case, sample)
    yield from column_findings(columns, weights)


def _asked(case: Case, number: int) -> Asked | None:
    """A question with its right replies; None if it is judged by its network alone."""
    question = case.material.questions[number]
    try:
        return asked_of(question.id, question, case.network_of(question), case.scorer.spec)
    except RecordError:
        return None


def _unsound(case: Case, tried: list[Asked], told: set[str]) -> list[tuple[str, str]]:
    """What `rm-rewards check` finds on some questions, without what is told already."""
    return [
        (finding.check, f"question {finding.where!r}: {finding.text}")
        for asked in tried
        for finding in sound_findings(case.scorer.spec, asked)
        if not (finding.check == "oracle" and asked.question.id in told)
    ]


def sample_columns(case: Case, sample: list[int]) -> tuple[dict[str, Column], list[float]]:
    """The reward's columns for sample replies to some questions, and the columns' weights."""
    spec = case.scorer.spec
    asked = [(n, case.material.questions[n]) for n in sample]
    rows = [(n, text) for n, question in asked for text in sample_replies(question)]
    given: dict[str, Any] = {COLUMN: [number for number, _ in rows]}
    texts = [text for _, text in rows]
    batch = ScoredBatch(case.scorer, COLUMN)
    names = columns_of(spec) or ["total"]
    columns: dict[str, Column] = {
        name: reward_function(name, batch)(completions=texts, **given) for name in names
    }
    return columns, reward_weights(spec)
