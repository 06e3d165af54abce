"""One measurement from question to report, in a folder that a later call can go on from."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Unpack

from rm_eval.asking import Progress, ask
from rm_eval.backends.backend import Backend
from rm_eval.backends.opening import open_backend
from rm_eval.dataset import load_dataset
from rm_eval.grading import finish
from rm_eval.item import ITEMS
from rm_eval.job import QUESTIONS, Job, checked_job, is_fresh
from rm_eval.journal import Journal
from rm_eval.manifest import Model
from rm_eval.options import Options, settings_of
from rm_eval.report import Report
from rm_rewards import jsonl


def bench(
    model: str | Path,
    questions: str | Path,
    out: str | Path,
    *,
    progress: Progress | None = None,
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
            rewards.jsonl, report.json, report.md.
        progress: Called with (answered, all) after each batch.
        **options: `rm_eval.Options` describes them: backend, tasks, limit and more.

    Raises:
        EvalError: If questions, pictures or settings cannot be used, or `out` holds another run.
        PolicyError: If the model cannot be used.
        RecordError: If a line of the questions or a network is not what it should be.
        OSError: If a file cannot be read or written.
    """
    settings = settings_of(options)
    dataset = load_dataset(
        Path(questions), tasks=settings.tasks, limit=settings.limit, seed=settings.seed
    )
    job = checked_job(model, dataset, settings, Path(out))
    return measure(job, progress=progress)


def measure(
    job: Job,
    *,
    model: Model | None = None,
    opened_by: Callable[[Job], Backend] = open_backend,
    progress: Progress | None = None,
) -> Report:
    """Ask what the folder of a checked run does not hold yet, grade its replies, write its report.

    Args:
        job: The run.
        model: What the manifest says of the model; None reads it from the model's files.
        opened_by: Gives what answers; not called where every reply is there.
        progress: As in `bench`.

    Raises:
        EvalError, PolicyError, OSError: As `bench`.
    """
    manifest = job.manifest(model)
    questions = job.dataset.questions
    fresh = is_fresh(job.out, manifest)
    ready = opened_by(job) if fresh else None  # a model that does not load leaves no folder
    job.out.mkdir(parents=True, exist_ok=True)
    with Journal(job.out, [question.id for question in questions]) as journal:
        if fresh:
            manifest.write(job.out)
        if not (job.out / QUESTIONS).is_file():
            if job.dataset.items:
                jsonl.write(job.dataset.items.values(), job.out / ITEMS)
            jsonl.write(job.dataset.moved_to(job.out), job.out / QUESTIONS)
        if journal.done < len(questions):
            with closing(ready or opened_by(job)) as opened:
                ask(job, opened, journal, progress or _untold)
        return finish(job, manifest)


def _untold(answered: int, total: int) -> None:
    """No progress."""
    del answered, total
