"""`list`: what there is to choose from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import typer

from rm_eval.benchmarks import BENCHMARKS
from rm_eval.commands.task_files import TasksFrom
from rm_eval.custom import OwnTask, read_task
from rm_eval.extractors import EXTRACTORS
from rm_eval.manifest import BackendName
from rm_eval.tasks import GENERAL, RM_DATA, SPLITS, TASKS


def list_command(tasks_from: TasksFrom = None) -> None:
    """Show the tasks, extractors and backends that there are."""
    own = [read_task(file) for file in tasks_from or ()]
    width = max(map(len, (*TASKS, *(task.name for task in own))))
    typer.echo("tasks")
    for name in TASKS:
        typer.echo(f"  {name:<{width}}  {_told(name)}")
    for task in own:
        for number, line in enumerate(_own(task)):
            typer.echo(f"  {'' if number else task.name:<{width}}  {line}")
    typer.echo("extractors")
    for extractor in EXTRACTORS.values():
        typer.echo(f"  {extractor.name:<22}  {extractor.follows}")
    typer.echo("backends")
    for name in get_args(BackendName):
        typer.echo(f"  {name}")


def _told(name: str) -> str:
    if name in GENERAL:
        return BENCHMARKS[name].title
    if name == RM_DATA:
        return "every type that rm-data asks: questions.jsonl, or any file of its questions"
    if name in SPLITS:
        split = "city" if name == "rm-data-city" else "levels"
        return f"the same types: *{SPLITS[name]} of rm-data questions --split {split}"
    return ", ".join(TASKS[name])


def _own(task: OwnTask) -> Iterator[str]:
    """The task, and the published scores that its file names."""
    benchmark = task.benchmark
    sizes = ", ".join(f"{name} {size}" for name, size in benchmark.sizes.items())
    yield f"{benchmark.title} ({task.version})" + (f"; {sizes}" if sizes else "")
    for one in benchmark.scores:
        source = f", {one.source}" if one.source else ""
        yield f"  {one.model}: {one.part} {one.score:g} %{source}"
