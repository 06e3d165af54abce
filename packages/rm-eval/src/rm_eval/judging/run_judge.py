"""A judge asked about the replies of a run: batch by batch, each of its texts kept at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeAlias

from rm_eval.backends.backend import Backend, Prompt, Reply
from rm_eval.backends.window import Answering, in_batches, streamed
from rm_eval.custom import NO_TRUST, Trust
from rm_eval.errors import EvalError
from rm_eval.extractors import PAPER
from rm_eval.judging.accounting import JudgeReport, account
from rm_eval.judging.judge_model import (
    JudgeManifest,
    JudgeModel,
    check_same_judge,
    chosen_judge,
    read_judge,
)
from rm_eval.judging.labels import read_verdict
from rm_eval.judging.prompt import judge_prompt, reply_key
from rm_eval.judging.refusals import Forgiving
from rm_eval.judging.selection import Pending, Sample, pending
from rm_eval.judging.verdicts import Judgement, VerdictFile, read_verdicts
from rm_eval.manifest import Settings
from rm_eval.rescoring.scorers import scorers_of

Progress: TypeAlias = Callable[[int], None]


def judge(
    run: str | Path,
    model: str | Path,
    settings: Settings,
    *,
    extractor: str = PAPER,
    agree: float = 0.0,
    seed: int = 0,
    trust: Trust = NO_TRUST,
    progress: Progress | None = None,
) -> JudgeReport:
    """Ask a judge model about the saved replies of a run that no rule of an extractor could read.

    Its verdicts go to `judge.jsonl` in the run folder, its record and the report to `judge.json`.
    Called again it goes on where it was stopped and asks nothing again.

    Args:
        run: The run folder; what `rescore` takes.
        model: A model folder, a name on the hub, or what its server calls it. By `transformers`
            and `vllm` it must be a vision-language model, though it sees no picture.
        settings: Of the backend. Tasks, limit, pixels and reward count for nothing here.
        extractor: A name of `EXTRACTORS`; for a task of one's own also `task-file`.
        agree: Also ask about this share of the replies that a rule did read, in [0, 1], to see how
            often the judge disagrees.
        seed: Decides which.
        trust: What may run of a task file that is code.
        progress: Called with the number of requests that were answered, some at a time.

    Raises:
        EvalError: If run, extractor or settings cannot be used, the run holds verdicts of another
            judge, or the judge stops answering. What it said before is kept.
        PolicyError: If the model cannot be used.
        RecordError: At a line of the run that cannot be used.
        OSError: If a file cannot be read or written.
    """
    folder = Path(run)
    if not 0 <= agree <= 1:
        raise EvalError(f"agree: found {agree}, expected a share from 0 to 1")
    if extractor == "all":
        raise EvalError("extractor: found 'all', expected one extractor")
    scorers = scorers_of(folder, extractor, trust)
    used = scorers.extractors[0]
    chosen = chosen_judge(model, settings)
    now, manifest = chosen.describe(), read_judge(folder)
    if manifest is not None:
        check_same_judge(manifest.judge, now, folder)
    sample = Sample(agree, seed)
    if next(pending(folder, used, sample, read_verdicts(folder)), None) is not None:
        with closing(chosen.open()) as backend:
            manifest = manifest or JudgeManifest(judge=now)
            manifest.write(folder)
            with closing(VerdictFile(folder)) as file:
                asking = _Asking(backend, file, now)
                waiting = partial(pending, folder, used, sample, file.verdicts)
                _until_decided(asking, waiting, used.name, settings.batch_size, progress)
    report = account(scorers, read_verdicts(folder), sample, now.name)
    if not report.decided:
        raise EvalError(f"{folder}: {extractor} scores nothing there")
    manifest = manifest or JudgeManifest(judge=now)
    JudgeManifest(judge=now, reports={**manifest.reports, used.name: report}).write(folder)
    return report


def _until_decided(
    asking: _Asking,
    waiting: Callable[[], Iterator[Pending]],
    extractor: str,
    at_once: int,
    tell: Progress | None,
) -> None:
    """Go over the run until each reply has a verdict, or was asked about as often as it may be."""
    asked = 0
    while next(waiting(), None) is not None:
        for count in asking.ask(waiting(), extractor, at_once):
            asked += count
            if tell is not None:
                tell(asked)


class _Asking:
    """One judge at work on one run."""

    def __init__(self, backend: Backend, file: VerdictFile, judge: JudgeModel) -> None:
        self._backend = Forgiving(backend) if isinstance(backend, Answering) else backend
        self._file = file
        self._judge = judge

    def ask(self, waiting: Iterable[Pending], extractor: str, at_once: int) -> Iterator[int]:
        """Ask once about each of these replies; how many it was asked about, some at a time."""
        under_way: deque[Pending] = deque()
        prompts = self._prompts(waiting, under_way)
        answering = (
            streamed(self._backend, prompts, at_once)
            if isinstance(self._backend, Answering)
            else in_batches(self._backend.replies, prompts, at_once)
        )
        with closing(answering) as stream:
            for replies in stream:
                made = [self._judgement(under_way.popleft(), one, extractor) for one in replies]
                self._file.append(made)
                yield len(made)

    def _prompts(self, waiting: Iterable[Pending], under_way: deque[Pending]) -> Iterator[Prompt]:
        asked: set[tuple[str, str]] = set()
        for one in waiting:
            key = one.item.id, reply_key(one.reply)
            if key not in asked:
                asked.add(key)
                under_way.append(one)
                text = judge_prompt(one.item, one.question, one.reply, self._tries(one))
                yield Prompt(one.item.id, None, text, "/".join(key))

    def _tries(self, one: Pending) -> int:
        """How often it will have been asked about that reply."""
        return self._file.verdicts.tries(one.item.id, one.reply) + 1

    def _judgement(self, one: Pending, reply: Reply, extractor: str) -> Judgement:
        text = reply.text.encode("utf-8", "replace").decode()  # half a character is not kept
        return Judgement(
            id=one.item.id,
            reply=reply_key(one.reply),
            extractor=extractor,
            purpose=one.purpose,
            judge=self._judge.name,
            weights=self._judge.weights,
            told=reply.model,
            prompt=self._judge.prompt,
            tries=self._tries(one),
            text=text,
            verdict=read_verdict(one.item, one.reply, text),
            prompt_tokens=reply.prompt_tokens,
            tokens=reply.tokens,
            latency_s=reply.seconds,
        )
