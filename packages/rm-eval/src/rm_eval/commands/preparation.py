"""`prepare`: a benchmark's rows made ready to be asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rm_eval.benchmarks import BENCHMARKS, Style
from rm_eval.errors import EvalError
from rm_eval.preparing import prepare
from rm_eval.sources.download import downloaded
from rm_rewards.command_line import after_interrupt

_CACHE = Path("~/.cache/rm-eval")


def _known(task: str) -> str:
    if task not in BENCHMARKS:
        raise typer.BadParameter(f"found {task!r}, expected one of {', '.join(BENCHMARKS)}")
    return task


def prepare_command(
    task: Annotated[str, typer.Argument(help="A benchmark of `rm-eval list`.", callback=_known)],
    out: Annotated[Path, typer.Option(help="The folder to make: pass it to bench as --data.")],
    data: Annotated[
        Path | None,
        typer.Option(help="Its TSV, parquet or JSON-lines file, or a folder of one kind."),
    ] = None,
    download: Annotated[
        bool, typer.Option("--download", help="Get the published file in place of --data.")
    ] = False,
    cache: Annotated[Path, typer.Option(help="Where downloads are kept.")] = _CACHE,
    prompt: Annotated[
        Style | None, typer.Option(help="Whose prompt. Default: that of the paper's harness.")
    ] = None,
    any_version: Annotated[
        bool, typer.Option("--any-version", help="Take a TSV whose MD5 is not the published one.")
    ] = False,
) -> None:
    """Read a benchmark's rows, check its pictures, and write the questions that bench asks."""
    if (data is None) == (not download):
        raise typer.BadParameter("expected one of --data and --download")
    with after_interrupt("nothing was made; a download goes on with the same command"):
        source = data or _downloaded(task, cache.expanduser())
        made = prepare(task, source, out, prompt=prompt, any_version=any_version)
    typer.echo(f"{out}: {made.questions} questions of {task}, prompt of {made.prompt}")
    if made.without_picture:
        typer.echo(
            f"{made.without_picture} more have no picture and were left out, as in VLMEvalKit",
            err=True,
        )


def _downloaded(task: str, cache: Path) -> Path:
    published = BENCHMARKS[task].published
    if published is None:
        hub = BENCHMARKS[task].hub
        name = hub.name if hub else "its rows"
        raise EvalError(f"{task}: no single file is published; get {name} and pass --data FOLDER")
    return downloaded(published, cache)
