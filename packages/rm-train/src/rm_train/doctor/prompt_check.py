"""The prompts of a run with their pictures, put to the processor."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

from transformers import ProcessorMixin

from rm_eval import read_picture
from rm_rewards import RecordError, gold_answer
from rm_train.doctor.answers import GoldLength, reach_findings
from rm_train.doctor.case import Case
from rm_train.doctor.dialogue import (
    arithmetic_findings,
    dialogue_findings,
    quoted_token_findings,
)
from rm_train.doctor.finding import Finding
from rm_train.doctor.lengths import PromptLength, encoder_findings, length_findings
from rm_train.doctor.pictures import SeenPicture, picture_findings
from rm_train.doctor.processor_facts import (
    dialogue_of,
    picture_token,
    real_length,
    seen_picture,
    templated,
    text_tokens,
)
from rm_train.fitting import fitting

_MOST: Final = 1500
"""Prompts that are cut into tokens: of more, those with the longest text."""

_POSITIONS: Final = "the model's max_position_embeddings"


class Prompts:
    """A run's prompts and what its processor makes of them; nothing is done twice."""

    def __init__(self, case: Case, processor: ProcessorMixin) -> None:
        self.case = case
        self.processor = processor

    @cached_property
    def fault(self) -> str:
        """What the chat template says when it fails; empty if it does not."""
        try:
            templated(self.processor, "What?")
        except Exception as error:  # a template can fail in any way that a program can
            return str(error) or type(error).__name__
        return ""

    @cached_property
    def pictures(self) -> dict[Path, SeenPicture]:
        """What becomes of each picture."""
        paths = dict.fromkeys(self.case.material.pictures)
        return {path: seen_picture(self.processor, path) for path in paths}

    @cached_property
    def lengths(self) -> list[PromptLength]:
        """How long the prompts are, by arithmetic."""
        material = self.case.material
        rows = list(zip(material.questions, material.pictures, strict=True))
        if len(rows) > _MOST:
            rows = sorted(rows, key=lambda row: len(row[0].question))[-_MOST:]
        texts = [templated(self.processor, question.question) for question, _ in rows]
        counts = text_tokens(self.processor, texts)
        return [
            PromptLength(
                question=question.id,
                text=count - 1,  # the placeholder
                visual=self.pictures[picture].tokens,
            )
            for (question, picture), count in zip(rows, counts, strict=True)
        ]

    @cached_property
    def longest(self) -> int:
        """Tokens of the longest prompt."""
        return max(prompt.total for prompt in self.lengths)


def prompt_findings(prompts: Prompts, positions: int | None) -> Iterator[Finding]:
    """What keeps prompts from being put, pictures from being seen, and answers from being given.

    Args:
        prompts: The prompts.
        positions: The longest sequence that the model was made for, if it says so.
    """
    case, processor = prompts.case, prompts.processor
    yield from dialogue_findings(dialogue_of(processor, case.model))
    token = picture_token(processor)
    quoting = [q.id for q in case.material.questions if token in q.question]
    yield from quoted_token_findings(token, quoting)
    yield from picture_findings(list(prompts.pictures.values()))
    reply = case.config.max_completion_length
    limits = {} if positions is None else {_POSITIONS: positions}
    if case.config.use_vllm and case.config.vllm_max_model_length:
        limits["vllm_max_model_length"] = case.config.vllm_max_model_length
    yield from length_findings(prompts.lengths, reply, limits)
    if case.config.use_vllm and case.config.vllm_mode == "colocate":
        yield from encoder_findings([seen.tokens for seen in prompts.pictures.values()])
    yield from reach_findings(_golds(prompts), reply)
    if not quoting:
        yield from _tried(prompts)


def _golds(prompts: Prompts) -> list[GoldLength]:
    """How long the gold answers are; a trip that is judged by the network alone has none."""
    known: list[tuple[str, str, str]] = []
    for question in prompts.case.material.questions:
        try:
            known.append((question.id, question.type, gold_answer(question)))
        except RecordError:
            continue
    texts = list(dict.fromkeys(gold for _, _, gold in known))
    counts = dict(zip(texts, text_tokens(prompts.processor, texts), strict=True))
    return [
        GoldLength(question=name, type=kind, tokens=counts[gold] + 1) for name, kind, gold in known
    ]


def _tried(prompts: Prompts) -> Iterator[Finding]:
    """The longest prompt, made by the processor as the trainer will."""
    material = prompts.case.material
    longest = max(prompts.lengths, key=lambda prompt: prompt.total)
    place = next(i for i, q in enumerate(material.questions) if q.id == longest.question)
    picture = fitting(prompts.processor)(read_picture(material.pictures[place]))
    made = real_length(prompts.processor, material.questions[place].question, picture)
    yield from arithmetic_findings(longest.question, made, longest.total)
