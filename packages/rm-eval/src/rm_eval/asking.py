"""The questions of a run, put to its backend, each reply kept at once.

A backend that answers many at once is asked about one picture after another, over the whole run,
so that no picture is encoded twice; replies whose turn in the journal has not come wait in `ahead`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from time import perf_counter
from typing import Final, TypeVar

from rm_eval.ahead import Ahead, Made
from rm_eval.backends.backend import Backend, Prompt, Reply
from rm_eval.backends.window import Answering, in_batches, streamed
from rm_eval.job import Job
from rm_eval.journal import Batch, Journal
from rm_eval.pictures import blank_picture, open_picture
from rm_eval.progress import Meter
from rm_rewards import Completion, Question

T = TypeVar("T")

_TOGETHER: Final = 256
"""Most replies in a line of `batches.jsonl`, except where a batch is larger."""


def ask(job: Job, backend: Backend, journal: Journal, meter: Meter) -> None:
    """Ask what the run does not hold yet.

    Under a budget this takes several rounds: each asks no more than could be paid for if every
    reply were as long as it may be.

    Raises:
        EvalError: If a question cannot be answered; the replies before it are kept.
        OverBudget: If the budget does not allow one more question.
    """
    while journal.done < len(job.dataset.questions):
        meter.check(journal.done)
        _round(job, backend, journal, meter)


def _round(job: Job, backend: Backend, journal: Journal, meter: Meter) -> None:
    waiting = job.dataset.questions[journal.done :]
    with Ahead(job.out, [question.id for question in waiting]) as ahead:
        turn = _Turn(journal, ahead, waiting)
        turn.take({})
        wanted = [one for one in job.dataset.questions[journal.done :] if one.id not in ahead]
        order = by_picture(job, wanted) if isinstance(backend, Answering) else wanted
        left = iter(order)
        with closing(_stream(job, backend, order, meter)) as stream:
            began = perf_counter()
            for replies in stream:
                share = (perf_counter() - began) / len(replies)
                began = perf_counter()
                asked = [(next(left).id, reply) for reply in replies]
                turn.take({identity: Made(identity, reply, share) for identity, reply in asked})
                meter.took(replies, journal.done + len(ahead))


def by_picture(job: Job, questions: Sequence[Question]) -> list[Question]:
    """Questions about one picture one after another, pictures in the order of their first."""
    first: dict[str, int] = {}
    for question in questions:
        first.setdefault(job.pictures[question.id].sha256, len(first))
    return sorted(questions, key=lambda one: first[job.pictures[one.id].sha256])


def _stream(
    job: Job, backend: Backend, questions: Sequence[Question], meter: Meter
) -> Generator[list[Reply]]:
    prompts, at_once = (
        _prompts(job, questions, meter),
        job.settings.batch_size * job.settings.engines,
    )
    if isinstance(backend, Answering):
        return streamed(backend, prompts, at_once)
    return in_batches(backend.replies, prompts, at_once)


def _prompts(job: Job, questions: Sequence[Question], meter: Meter) -> Iterator[Prompt]:
    """Each with its picture, opened when its turn comes; as many as the meter allows."""
    show = blank_picture if job.settings.blind else open_picture
    for one in questions:
        if not meter.may_ask():
            return
        picture = job.pictures[one.id]
        yield Prompt(one.id, show(picture), one.question, picture.sha256)


class _Turn:
    """Hands replies to the journal when those to all questions before them are there."""

    def __init__(self, journal: Journal, ahead: Ahead, waiting: Sequence[Question]) -> None:
        self._journal = journal
        self._ahead = ahead
        self._waiting = deque(question.id for question in waiting)

    def take(self, made: dict[str, Made]) -> None:
        """Keep these; they are on the disk when this returns."""
        ready: list[Made] = []
        most = max(_TOGETHER, len(made))
        while self._waiting:
            one = made.pop(self._waiting[0], None) or self._ahead.take(self._waiting[0])
            if one is None:
                break
            self._waiting.popleft()
            ready.append(one)
            if len(ready) == most:
                _keep(self._journal, ready)
                ready = []
        _keep(self._journal, ready)
        if made:
            self._ahead.keep(made.values())


def _keep(journal: Journal, made: Sequence[Made]) -> None:
    if not made:
        return
    replies = [one.reply for one in made]
    completions = [
        Completion(
            question_id=one.question_id,
            text=one.reply.text,
            finish_reason=one.reply.finish_reason,
            tokens=one.reply.tokens,
            latency_s=one.reply.seconds,
        )
        for one in made
    ]
    lengths = _all([reply.prompt_tokens for reply in replies])
    cached = _all([reply.cached_tokens for reply in replies])
    batch = Batch(
        questions=len(made),
        seconds=round(sum(one.seconds for one in made), 4),
        visual_tokens=_all([reply.visual_tokens for reply in replies]),
        prompt_tokens=sum(lengths) if lengths else None,
        cached_tokens=sum(cached) if cached else None,
        prompt_lengths=lengths,
        prompt_sha256=_all([reply.prompt_sha256 for reply in replies]),
    )
    journal.append(completions, batch)


def _all(values: Sequence[T | None]) -> tuple[T, ...]:
    """These values; none if one of them is not known."""
    known = tuple(value for value in values if value is not None)
    return known if len(known) == len(values) else ()
