"""One measurement from question to report, in a folder that a later call can go on from."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TypeAlias, Unpack

from rm_eval.asking import ask
from rm_eval.backends.backend import Backend
from rm_eval.backends.opening import open_backend
from rm_eval.cost import Purse
from rm_eval.dataset import load_dataset
from rm_eval.environment import environment_of, keep_sitting
from rm_eval.grading import finish
from rm_eval.item import ITEMS
from rm_eval.job import QUESTIONS, Job, checked_job, is_fresh
from rm_eval.journal import Journal
from rm_eval.manifest import Model
from rm_eval.options import Options, settings_of, trust_of
from rm_eval.progress import Meter, Standing, Tell
from rm_eval.report import Report
from rm_rewards import jsonl

Progress: TypeAlias = Callable[[int, int], None]


def bench(
    model: str | Path,
    questions: str | Path,
    out: str | Path,
    *,
    progress: Progress | None = None,
    tell: Tell | None = None,
    **options: Unpack[Options],
) -> Report:
    """Ask a model the questions, grade its replies, and write the run into `out`.

    Replies are greedy. Called again with the same settings it goes on where it was stopped, and
    asks nothing again that has been answered.

    Args:
        model: A model folder (for transformers also a LoRA adapter's), or a name on the hub; for
            `openai` what the server calls it.
        questions: A questions file, or a folder that holds `questions.jsonl`. Pictures and networks
            lie relative to it.
        out: The run folder: manifest.json, questions.jsonl, completions.jsonl, batches.jsonl,
            rewards.jsonl, samples.jsonl, report.json, report.md.
        progress: Called with (answered, all) as replies come.
        tell: Likewise, with all that `rm_eval.Standing` tells.
        **options: `rm_eval.Options` describes them: backend, tasks, limit and more.

    Raises:
        EvalError: If questions, pictures or settings cannot be used, or `out` holds another run.
        PolicyError: If the model cannot be used.
        RecordError: If a line of the questions or a network is not what it should be.
        OSError: If a file cannot be read or written.
    """
    settings, trust = settings_of(options), trust_of(options)
    dataset = load_dataset(
        Path(questions), tasks=settings.tasks, limit=settings.limit, seed=settings.seed
    )
    job = checked_job(model, dataset, settings, Path(out), trust)
    return measure(job, progress=progress, tell=tell)


def measure(
    job: Job,
    *,
    model: Model | None = None,
    opened_by: Callable[[Job], Backend] | None = None,
    progress: Progress | None = None,
    tell: Tell | None = None,
    purse: Purse | None = None,
    name: str = "",
) -> Report:
    """Ask what the folder of a checked run does not hold yet, grade its replies, write its report.

    Args:
        job: The run.
        model: What the manifest says of the model; None reads it from the model's files.
        opened_by: Gives what answers, and closes it later; not called where every reply is there.
            None: what the settings say, closed at the end.
        progress: As in `bench`.
        tell: As in `bench`.
        purse: What has been spent, where several runs spend together; None: what this one did.
        name: The run's, for `tell`.

    Raises:
        EvalError, PolicyError, OSError: As `bench`.
    """
    manifest = job.manifest(model)
    questions = job.dataset.questions
    fresh = is_fresh(job.out, manifest)
    with ExitStack() as held:

        def opened() -> Backend:
            if opened_by is not None:
                return opened_by(job)
            return held.enter_context(closing(open_backend(job)))

        backend = opened() if fresh else None  # a model that does not load leaves no folder
        job.out.mkdir(parents=True, exist_ok=True)
        journal = held.enter_context(Journal(job.out, (question.id for question in questions)))
        if fresh:
            manifest.write(job.out)
        _write_questions(job)
        if journal.done < len(questions):
            meter = Meter(
                len(questions),
                purse or Purse(job.settings, [job.out]),
                longest=job.settings.max_new_tokens,
                tell=_both(progress, tell),
                name=name,
            )
            ready = backend or opened()
            keep_sitting(job.out, environment_of(ready, job.settings))
            ask(job, ready, journal, meter)
        return finish(job, manifest)


def _write_questions(job: Job) -> None:
    if (job.out / QUESTIONS).is_file():
        return
    if job.dataset.items:
        jsonl.write(job.dataset.items.records, job.out / ITEMS)
    if job.own is not None:
        job.own.travel(job.dataset.file.parent, job.out)
    jsonl.write(job.dataset.moved_to(job.out), job.out / QUESTIONS)


def _both(progress: Progress | None, tell: Tell | None) -> Tell:
    def both(standing: Standing) -> None:
        if progress is not None:
            progress(standing.answered, standing.total)
        if tell is not None:
            tell(standing)

    return both
