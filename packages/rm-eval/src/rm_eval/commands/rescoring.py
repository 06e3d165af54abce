"""`rescore`: saved replies under other extractors."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from rm_eval.commands.task_files import TasksFrom, TrustTaskCode, trusted
from rm_eval.custom import OWN
from rm_eval.errors import EvalError
from rm_eval.extractors import extractors_named
from rm_eval.judging import judged_lineages
from rm_eval.rescoring import rescore
from rm_eval.rescoring.table import rescoring_markdown
from rm_rewards.command_line import printable


def _known(name: str) -> str:
    try:
        if name != OWN:
            extractors_named(name)
    except EvalError as error:
        raise typer.BadParameter(str(error).removeprefix("extractor: ")) from None
    return name


def rescore_command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, finished or not.")],
    extractor: Annotated[
        str, typer.Option(help="One of `rm-eval list`, task-file, or all.", callback=_known)
    ] = "all",
    judge: Annotated[
        bool, typer.Option("--judge", help="Also show what rm-eval judge made of it.")
    ] = False,
    tasks_from: TasksFrom = None,
    trust_task_code: TrustTaskCode = False,
    form: Annotated[
        Literal["markdown", "json"], typer.Option("--format", help="What goes to stdout.")
    ] = "markdown",
) -> None:
    """Score saved replies again, without a model: how far a number hangs on how it is read."""
    trust = trusted(tasks_from, trust_code=trust_task_code)
    also = judged_lineages(run, extractor, trust) if judge else ()
    found = rescore(run, extractor, also=also, trust=trust)
    if form == "json":
        typer.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    else:
        typer.echo(printable(rescoring_markdown(found)), nl=False)
