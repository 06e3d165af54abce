"""From the replies of a run on disk to what they earned: graded one after another."""

from __future__ import annotations

from rm_eval.job import REWARDS, Job
from rm_eval.journal import Journal
from rm_eval.manifest import Manifest
from rm_eval.metrics import Graded
from rm_eval.report import Report, make_report
from rm_rewards import jsonl


def finish(job: Job, manifest: Manifest, journal: Journal) -> Report:
    """Grade the replies of a run that are all there, and write what they earned and the report."""
    graded = [
        Graded(question, job.grade(question, completion), job.unit(question))
        for question, completion in zip(job.dataset.questions, journal.completions, strict=True)
    ]
    jsonl.write((one.reward for one in graded), job.out / REWARDS)
    report = make_report(manifest, graded, journal.completions, journal.batches)
    report.write(job.out)
    return report
