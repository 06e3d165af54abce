"""The questions of a run, put to its backend, each reply kept at once.

A backend that answers many at once is asked about one picture after another, over the whole run,
so that no picture is encoded twice; replies whose turn in the journal has not come wait in `ahead`.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import tee
from time import perf_counter
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from rm_eval.ahead import Ahead, Made
from rm_eval.backends.backend import Backend, Prompt, Reply
from rm_eval.backends.window import Answering, in_batches, streamed
from rm_eval.job import Job
from rm_eval.journal import Batch, Journal
from rm_eval.pictures import blank_picture, open_picture
from rm_eval.progress import Meter
from rm_rewards import Completion, Question

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
    with Ahead(job.out, waiting) as ahead:
        turn = _Turn(journal, ahead, len(waiting))
        turn.take({})
        places = ahead.missing(turn.next)
        if isinstance(backend, Answering):
            places = places[in_picture_order(job, waiting.picked(places))]
        to_ask, asked = tee(waiting.picked(places))  # between them are those under way
        left = zip(map(int, places), asked, strict=True)
        with closing(_stream(job, backend, to_ask, meter)) as stream:
            began = perf_counter()
            for replies in stream:
                share = (perf_counter() - began) / len(replies)
                began = perf_counter()
                answered = zip(replies, left, strict=False)  # the replies first: they end it
                turn.take({place: Made(one.id, reply, share) for reply, (place, one) in answered})
                meter.took(replies, journal.done + len(ahead))


def in_picture_order(job: Job, questions: Iterable[Question]) -> NDArray[np.int64]:
    """The places of the questions, those about one picture together, each where its first stands.

    Questions without a picture count as about one.
    """
    first: dict[str, int] = {}
    pictures = (job.pictures.of(question) for question in questions)
    keys = ("" if picture is None else picture.sha256 for picture in pictures)
    ranks = np.fromiter((first.setdefault(key, len(first)) for key in keys), dtype=np.int64)
    return np.argsort(ranks, kind="stable")


def _stream(
    job: Job, backend: Backend, questions: Iterable[Question], meter: Meter
) -> Generator[list[Reply]]:
    prompts, at_once = (
        _prompts(job, questions, meter),
        job.settings.batch_size * job.settings.engines,
    )
    if isinstance(backend, Answering):
        return streamed(backend, prompts, at_once)
    return in_batches(backend.replies, prompts, at_once)


def _prompts(job: Job, questions: Iterable[Question], meter: Meter) -> Iterator[Prompt]:
    """As many as the meter allows, each with its picture, which is opened when its turn comes."""
    blind = job.settings.blind
    show = blank_picture if blind else open_picture
    for one in questions:
        if not meter.may_ask():
            return
        picture = job.pictures.of(one)
        if picture is None:
            yield Prompt(one.id, None, one.question, one.id)
        else:
            file = None if blind else picture.path
            yield Prompt(one.id, show(picture), one.question, picture.sha256, file)


class _Turn:
    """Hands replies to the journal when those to all questions before them are there.

    Attributes:
        next: The place of the first question whose reply is not in the journal.
    """

    def __init__(self, journal: Journal, ahead: Ahead, waiting: int) -> None:
        self.next = 0
        self._journal = journal
        self._ahead = ahead
        self._waiting = waiting

    def take(self, made: dict[int, Made]) -> None:
        """Keep these, by their places; they are on the disk when this returns."""
        ready: list[Made] = []
        most = max(_TOGETHER, len(made))
        while self.next < self._waiting:
            one = made.pop(self.next, None) or self._ahead.take(self.next)
            if one is None:
                break
            self.next += 1
            ready.append(one)
            if len(ready) == most:
                _keep(self._journal, ready)
                ready = []
        _keep(self._journal, ready)
        if made:
            self._ahead.keep(made)


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
