"""The reward of a run, tried on its own questions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rm_rewards.adapters.scored_batch import ScoredBatch, columns_of, reward_function
from rm_rewards.adapters.trl_rewards import reward_weights
from rm_rewards.soundness import asked_of, sound_findings
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
        RecordError: If a question lacks its answer.
    """
    questions = case.material.questions
    spec = case.scorer.spec
    numbers = spread(questions, _GOLDS)
    faults: list[str] = []
    for number in numbers:
        question = questions[number]
        asked = asked_of(question.id, question, case.network_of(question), spec)
        earned = case.scorer.group(number, asked.honest[:1], None)[0].reward
        if not earned.correct:
            faults.append(question.id)
    yield from mark_findings(faults, len(numbers))
    sample = spread(questions, _SAMPLE)
    yield from soundness_findings(_unsound(case, sample, set(faults)), len(sample))
    columns, weights = sample_columns(case, sample)
    yield from column_findings(columns, weights)


def _unsound(case: Case, sample: list[int], told: set[str]) -> list[tuple[str, str]]:
    """What `rm-rewards check` finds on some questions, without what is told already."""
    spec = case.scorer.spec
    found: list[tuple[str, str]] = []
    for number in sample:
        question = case.material.questions[number]
        asked = asked_of(question.id, question, case.network_of(question), spec)
        found += [
            (finding.check, f"question {finding.where!r}: {finding.text}")
            for finding in sound_findings(spec, asked)
            if not (finding.check == "oracle" and question.id in told)
        ]
    return found


def sample_columns(case: Case, sample: list[int]) -> tuple[dict[str, Column], list[float]]:
    """The reward's columns for sample replies to some questions, and the columns' weights."""
    spec = case.scorer.spec
    rows = [(n, text) for n in sample for text in sample_replies(case.material.questions[n])]
    given: dict[str, Any] = {COLUMN: [number for number, _ in rows]}
    texts = [text for _, text in rows]
    batch = ScoredBatch(case.scorer, COLUMN)
    names = columns_of(spec) or ["total"]
    columns: dict[str, Column] = {
        name: reward_function(name, batch)(completions=texts, **given) for name in names
    }
    return columns, reward_weights(spec)
