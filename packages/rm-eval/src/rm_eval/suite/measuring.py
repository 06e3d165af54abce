"""Several models on several benchmarks, run after run; one that fails leaves the others alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final, Unpack

from rm_eval.cost import OverBudget, Purse
from rm_eval.custom import Trust
from rm_eval.dataset import load_dataset
from rm_eval.errors import EvalError
from rm_eval.job import checked_job
from rm_eval.manifest import Settings
from rm_eval.options import Options, settings_of, trust_of
from rm_eval.policy import PolicyError
from rm_eval.progress import Tell
from rm_eval.report import Report
from rm_eval.run import measure
from rm_eval.suite.loaded import Loaded
from rm_eval.suite.plan import Planned, planned
from rm_eval.suite.table import Failure, SuiteReport, suite_report
from rm_rewards import RecordError

_SPENT: Final = "not asked, the budget is spent"
_EXPECTED: Final = (EvalError, PolicyError, RecordError, OSError)


def bench_suite(
    models: Sequence[str | Path],
    data: str | Path,
    out: str | Path,
    *,
    tell: Tell | None = None,
    on_failure: Callable[[Failure], None] | None = None,
    **options: Unpack[Options],
) -> SuiteReport:
    """Measure models on sets of questions, each as `bench` does, and write a table over all.

    Each model is loaded once for all its sets. A run that fails is told in the table, and the next
    one begins. Called again with the same settings, runs go on where they were stopped; finished
    ones are graded anew.

    Args:
        models: As for `bench`; each once.
        data: A folder of prepared folders, one a benchmark; or one set, as for `bench`.
        out: The runs are written to `out/TASK`, of several models to `out/MODEL/TASK`, the table to
            `out/report.md` and `out/report.json`.
        tell: Told how far a run has come as replies come.
        on_failure: Told of a run that failed, before the next one begins.
        **options: `rm_eval.Options` describes them. `limit` holds for each set, `budget` for all
            runs together.

    Returns:
        The table. `failures` names the runs that failed, and why.

    Raises:
        EvalError: If the settings cannot be used, a model is named twice, or a task has no set.
        OSError: If the table cannot be written.
    """
    settings, trust = settings_of(options), trust_of(options)
    plan = planned(models, data, out, settings.tasks)
    purse = Purse(settings, [one.out for one in plan])
    reports: dict[Planned, Report] = {}
    failures: list[Failure] = []
    for one, result in _results(plan, _Shared(settings, trust, purse, tell)):
        if isinstance(result, Report):
            reports[one] = result
            continue
        failures.append(result)
        if on_failure is not None:
            on_failure(result)
    made = suite_report(plan, reports, failures)
    made.write(Path(out))
    return made


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all runs have in common."""

    settings: Settings
    trust: Trust
    purse: Purse
    tell: Tell | None


def _results(
    plan: Sequence[Planned], shared: _Shared
) -> Iterator[tuple[Planned, Report | Failure]]:
    unasked = ""
    for _, runs in groupby(plan, key=lambda one: one.model):
        with Loaded() as loaded:
            for one in runs:
                if unasked:
                    yield one, Failure(model=one.label, task=one.task, reason=unasked)
                    continue
                try:
                    yield one, _measured(one, shared, loaded)
                except _EXPECTED as error:
                    loaded.drop()
                    unasked = _SPENT if isinstance(error, OverBudget) else ""
                    yield one, Failure(model=one.label, task=one.task, reason=_line(error))


def _measured(one: Planned, shared: _Shared, loaded: Loaded) -> Report:
    chosen = shared.settings
    dataset = load_dataset(one.data, tasks=one.tasks, limit=chosen.limit, seed=chosen.seed)
    job = checked_job(one.model, dataset, chosen, one.out, shared.trust)
    return measure(
        job,
        model=loaded.model(job),
        opened_by=loaded.backend,
        tell=shared.tell,
        purse=shared.purse,
        name=f"{one.label} {one.task}",
    )


def _line(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__
