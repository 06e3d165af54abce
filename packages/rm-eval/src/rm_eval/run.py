"""One measurement from question to report, in a folder that a later call can go on from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import TypeAlias

from rm_eval.dataset import load_dataset
from rm_eval.generation import GreedyGenerator, Prompt
from rm_eval.item import ITEMS
from rm_eval.job import QUESTIONS, REWARDS, Job, checked_job, is_fresh
from rm_eval.journal import Batch, Journal
from rm_eval.manifest import Manifest, Settings
from rm_eval.metrics import Graded
from rm_eval.pictures import blank_picture, open_picture
from rm_eval.policy import Dtype, load_policy
from rm_eval.report import Report, make_report
from rm_rewards import Completion, jsonl

Progress: TypeAlias = Callable[[int, int], None]


def bench(
    model: str | Path,
    questions: str | Path,
    out: str | Path,
    *,
    tasks: Iterable[str] | None = None,
    limit: int | None = None,
    blind: bool = False,
    batch_size: int = 8,
    max_new_tokens: int = 2048,
    seed: int = 0,
    reward: str = "rewardmap",
    device: str = "cpu",
    dtype: Dtype = "auto",
    min_pixels: int | None = None,
    max_pixels: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Ask a model the questions, grade its replies, and write the run into `out`.

    Replies are greedy. Called again with the same settings it goes on where it was stopped, and
    asks nothing again that has been answered.

    Args:
        model: A model folder (also a LoRA adapter's), or a name on the hub.
        questions: A questions file, or a folder that holds `questions.jsonl`. Pictures and networks
            lie relative to it.
        out: The run folder: manifest.json, questions.jsonl, completions.jsonl, batches.jsonl,
            rewards.jsonl, report.json, report.md.
        tasks: Names of `TASKS`; None asks every question of the file.
        limit: Ask only so many, each type in its share.
        blind: Replace every picture by one grey of its size: the control for whether the picture is
            needed.
        batch_size: Questions at a time.
        max_new_tokens: Longest reply; the published inference allows 2048.
        seed: Decides which questions `limit` keeps. Greedy replies need none.
        reward: The reward specification that grades.
        device: `cpu`, `cuda`, `cuda:1`.
        dtype: `auto` keeps the type in which the weights are stored.
        min_pixels: The fewest pixels a picture is scaled to; None keeps the model's own bound.
        max_pixels: The most pixels, likewise.
        progress: Called with (answered, all) after each batch.

    Raises:
        EvalError: If questions, pictures or settings cannot be used, or `out` holds another run.
        PolicyError: If the model cannot be used.
        RecordError: If a line of the questions or a network is not what it should be.
        OSError: If a file cannot be read or written.
    """
    settings = Settings(
        tasks=None if tasks is None else tuple(tasks),
        limit=limit,
        blind=blind,
        batch_size=batch_size,
        max_new_tokens=max_new_tokens,
        seed=seed,
        reward=reward,
        device=device,
        dtype=dtype,
        min_pixels=min_pixels,
        max_pixels=max_pixels,
    )
    dataset = load_dataset(Path(questions), tasks=settings.tasks, limit=limit, seed=seed)
    job = checked_job(model, dataset, settings, Path(out))
    manifest = job.manifest()
    fresh = is_fresh(job.out, manifest)
    generator = _generator(job) if fresh else None  # a model that does not load leaves no folder
    job.out.mkdir(parents=True, exist_ok=True)
    with Journal(job.out, [question.id for question in dataset.questions]) as journal:
        if fresh:
            manifest.write(job.out)
        if not (job.out / QUESTIONS).is_file():
            if dataset.items:
                jsonl.write(dataset.items.values(), job.out / ITEMS)
            jsonl.write(dataset.moved_to(job.out), job.out / QUESTIONS)
        if journal.done < len(dataset.questions):
            _ask(job, generator or _generator(job), journal, progress or _untold)
        return _finish(job, manifest, journal)


def _generator(job: Job) -> GreedyGenerator:
    settings = job.settings
    policy = load_policy(
        job.model,
        device=settings.device,
        dtype=settings.dtype,
        min_pixels=settings.min_pixels,
        max_pixels=settings.max_pixels,
    )
    return GreedyGenerator(policy, max_new_tokens=settings.max_new_tokens)


def _ask(job: Job, generator: GreedyGenerator, journal: Journal, tell: Progress) -> None:
    show = blank_picture if job.settings.blind else open_picture
    left = iter(job.dataset.questions[journal.done :])
    while batch := list(islice(left, job.settings.batch_size)):
        began = perf_counter()
        prompts = [Prompt(q.id, show(job.pictures[q.id]), q.question) for q in batch]
        replies = generator.replies(prompts)
        seconds = round(perf_counter() - began, 4)
        journal.append(
            [
                Completion(
                    question_id=question.id,
                    text=reply.text,
                    finish_reason=reply.finish_reason,
                    tokens=reply.tokens,
                    latency_s=seconds,
                )
                for question, reply in zip(batch, replies, strict=True)
            ],
            Batch(
                questions=len(batch),
                seconds=seconds,
                visual_tokens=tuple(reply.visual_tokens for reply in replies),
            ),
        )
        tell(journal.done, len(job.dataset.questions))


def _finish(job: Job, manifest: Manifest, journal: Journal) -> Report:
    graded = [
        Graded(question, job.grade(question, completion), job.unit(question))
        for question, completion in zip(job.dataset.questions, journal.completions, strict=True)
    ]
    jsonl.write((one.reward for one in graded), job.out / REWARDS)
    report = make_report(manifest, graded, journal.completions, journal.batches)
    report.write(job.out)
    return report


def _untold(answered: int, total: int) -> None:
    """No progress."""
    del answered, total
