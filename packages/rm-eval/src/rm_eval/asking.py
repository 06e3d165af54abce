"""The questions of a run, put to its backend batch by batch, each reply kept at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import Final, TypeAlias

from rm_eval.backends.backend import Backend, Prompt, Reply, Unanswered
from rm_eval.job import Job
from rm_eval.journal import Batch, Journal
from rm_eval.pictures import blank_picture, open_picture
from rm_rewards import Completion, Question

Progress: TypeAlias = Callable[[int, int], None]

_PIXELS: Final = 400_000_000
"""Most pixels of the pictures that a batch keeps in memory, 3 bytes each."""


def ask(job: Job, backend: Backend, journal: Journal, tell: Progress) -> None:
    """Ask what the journal does not hold yet.

    Raises:
        EvalError: If a question cannot be answered; the replies before it are kept.
    """
    show = blank_picture if job.settings.blind else open_picture
    for questions in _batches(job, job.dataset.questions[journal.done :]):
        began = perf_counter()
        opened = {
            picture.sha256: show(picture)
            for picture in {
                job.pictures[one.id].sha256: job.pictures[one.id] for one in questions
            }.values()
        }
        prompts = [
            Prompt(one.id, opened[key], one.question, key)
            for one in questions
            for key in [job.pictures[one.id].sha256]
        ]
        try:
            replies: Sequence[Reply] = backend.replies(prompts)
        except Unanswered as error:
            _keep(journal, questions[: len(error.replies)], error.replies, began)
            raise
        _keep(journal, questions, replies, began)
        tell(journal.done, len(job.dataset.questions))


def _batches(job: Job, questions: Sequence[Question]) -> Iterator[Sequence[Question]]:
    """So many questions at a time as the settings say, fewer where their pictures are huge."""
    first, held = 0, dict[str, int]()
    for place, question in enumerate(questions):
        picture = job.pictures[question.id]
        more = {**held, picture.sha256: picture.width * picture.height}
        full = place - first >= job.settings.batch_size or sum(more.values()) > _PIXELS
        if full and place > first:
            yield questions[first:place]
            first, more = place, {picture.sha256: picture.width * picture.height}
        held = more
    if questions:
        yield questions[first:]


def _keep(
    journal: Journal, questions: Sequence[Question], replies: Sequence[Reply], began: float
) -> None:
    if not questions:
        return
    seconds = round(perf_counter() - began, 4)
    completions = [
        Completion(
            question_id=question.id,
            text=reply.text,
            finish_reason=reply.finish_reason,
            tokens=reply.tokens,
            latency_s=seconds if reply.seconds is None else reply.seconds,
        )
        for question, reply in zip(questions, replies, strict=True)
    ]
    visual = [reply.visual_tokens for reply in replies if reply.visual_tokens is not None]
    batch = Batch(
        questions=len(questions),
        seconds=seconds,
        visual_tokens=tuple(visual) if len(visual) == len(replies) else (),
        prompt_tokens=_sum([reply.prompt_tokens for reply in replies]),
        cached_tokens=_sum([reply.cached_tokens for reply in replies]),
    )
    journal.append(completions, batch)


def _sum(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None
