"""Saved replies under every extractor, and planning replies under both map scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rm_eval.custom import NO_TRUST, Trust
from rm_eval.errors import EvalError
from rm_eval.extractors import Extractor
from rm_eval.item import Item
from rm_eval.rescoring.routes import SavedRoutes
from rm_eval.rescoring.saved_replies import saved_replies
from rm_eval.rescoring.scorers import scorers_of
from rm_eval.rescoring.tally import Table, TaskReadings
from rm_eval.route_tally import RouteNumbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescored:
    """A run scored again. `routes` are the planning questions, which no extractor reads."""

    run: str
    tasks: tuple[TaskReadings, ...]
    routes: tuple[RouteNumbers, ...]


def rescore(
    run: str | Path,
    extractor: str = "all",
    *,
    also: Sequence[Extractor] = (),
    trust: Trust = NO_TRUST,
) -> Rescored:
    """Score the saved replies of a run, finished or not, under one extractor or under all.

    The replies are read one at a time and not held.

    Args:
        run: The run folder; also a folder of `questions.jsonl` (or `items.jsonl`) and
            `completions.jsonl` from elsewhere.
        extractor: A name of `EXTRACTORS`, or `all`; for a task of one's own also `task-file`.
        also: Further ones, such as those of `rm_eval.judging.judged_lineages`.
        trust: What may run of a task file that is code.

    Raises:
        EvalError: If there is no such extractor, it scores nothing here, or the folder is no run.
        RecordError: At a line that is no reply, or one to a question that is not there.
        OSError: If a file cannot be read.
    """
    folder = Path(run)
    scorers = scorers_of(folder, extractor, trust)
    chosen = (*scorers.extractors, *also)
    tables: dict[str, Table] = {}
    routes = SavedRoutes(folder)
    for reply in saved_replies(folder):
        if isinstance(reply.asked, Item):
            task = reply.asked.task
            if task not in tables:
                tables[task] = Table(scorers.benchmark(task), chosen)
            tables[task].add(reply.asked, reply.text)
        elif extractor == "all":
            routes.add(reply.asked, reply.text)
    found = [table.readings() for table in tables.values()]
    tasks = tuple(one for one in found if one is not None)
    if not tasks and not routes.numbers():
        held = ", ".join(sorted(tables)) or "no such question"
        raise EvalError(f"{folder}: {extractor} scores nothing there: it holds {held}")
    return Rescored(run=str(folder), tasks=tasks, routes=routes.numbers())
