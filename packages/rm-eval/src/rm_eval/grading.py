"""From the replies of a run on disk to what they earned: graded one after another."""

from __future__ import annotations

from rm_eval.job import REWARDS, Job
from rm_eval.journal import batches_in, replies_in
from rm_eval.manifest import Manifest
from rm_eval.metrics import Graded
from rm_eval.report import Report, make_report
from rm_rewards import jsonl


def finish(job: Job, manifest: Manifest) -> Report:
    """Grade the replies of a run that are all there, and write what they earned and the report."""
    replies = list(replies_in(job.out))
    graded = [
        Graded(question, job.grade(question, completion), job.unit(question))
        for question, completion in zip(job.dataset.questions, replies, strict=True)
    ]
    jsonl.write((one.reward for one in graded), job.out / REWARDS)
    report = make_report(manifest, graded, replies, list(batches_in(job.out)))
    report.write(job.out)
    return report
