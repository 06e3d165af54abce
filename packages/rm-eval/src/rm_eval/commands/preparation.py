"""`prepare`: a benchmark's rows made ready to be asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from rm_eval.benchmarks import BENCHMARKS, Benchmark, Style
from rm_eval.custom import is_task_file, read_task
from rm_eval.errors import EvalError
from rm_eval.preparing import prepare
from rm_eval.sources.download import downloaded
from rm_eval.sources.hub import downloaded_split
from rm_rewards.command_line import after_interrupt

_CACHE = Path("~/.cache/rm-eval")


def _known(task: str) -> str:
    if task not in BENCHMARKS and not is_task_file(task):
        raise typer.BadParameter(
            f"found {task!r}, expected one of {', '.join(BENCHMARKS)}, or a task file "
            "FILE.yaml, FILE.py"
        )
    return task


def prepare_command(
    task: Annotated[
        str,
        typer.Argument(
            help="A benchmark of `rm-eval list`, or a task file: FILE.yaml, FILE.py, FILE.py:NAME.",
            callback=_known,
        ),
    ],
    out: Annotated[Path, typer.Option(help="The folder to make: pass it to bench as --data.")],
    data: Annotated[
        Path | None,
        typer.Option(
            help="Its TSV, parquet or JSON-lines file, a folder of one kind, or one that "
            "save_to_disk made. Default: what a YAML file names."
        ),
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="Which one, where --data or the hub holds several.")
    ] = None,
    download: Annotated[
        bool,
        typer.Option("--download", help="Get the published file, or else the data set of the hub."),
    ] = False,
    hub: Annotated[
        bool, typer.Option("--hub", help="With --download: the data set in place of the file.")
    ] = False,
    config: Annotated[
        str | None, typer.Option(help="Which configuration of the hub's data set.")
    ] = None,
    cache: Annotated[Path, typer.Option(help="Where downloads are kept.")] = _CACHE,
    prompt: Annotated[
        Style | None, typer.Option(help="Whose prompt. Default: that of the paper's harness.")
    ] = None,
    any_version: Annotated[
        bool, typer.Option("--any-version", help="Take a TSV whose MD5 is not the published one.")
    ] = False,
) -> None:
    """Read a benchmark's rows, check its pictures, and write the questions that bench asks."""
    own = read_task(task) if is_task_file(task) else None
    named = own is not None and own.rows is not None
    if (data is not None and download) or not (data or download or named):
        raise typer.BadParameter("expected one of --data and --download")
    if hub and not download:
        raise typer.BadParameter("--hub says what to get: expected --download with it")
    benchmark = _asked(BENCHMARKS[task] if own is None else own.benchmark, split, config)
    with after_interrupt("nothing was made; a download goes on with the same command"):
        source = _downloaded(benchmark, cache.expanduser(), hub=hub) if download else data
        made = prepare(
            own or task,
            source,
            out,
            prompt=prompt,
            any_version=any_version,
            split=None if download else split,
        )
    typer.echo(f"{out}: {made.questions} questions of {made.task}, prompt of {made.prompt}")
    if made.without_picture:
        left = f"{made.without_picture} more have no picture and were left out, as in VLMEvalKit"
        others = " or ".join(f"--prompt {style}" for style in benchmark.text_alone)
        typer.echo(f"{left}; {others} asks them" if others else left, err=True)


def _asked(benchmark: Benchmark, split: str | None, config: str | None) -> Benchmark:
    """The benchmark with the part of its data set that was asked for."""
    if benchmark.hub is None:
        return benchmark
    changes = {"split": split, "config": config}
    chosen = {name: value for name, value in changes.items() if value is not None}
    return replace(benchmark, hub=replace(benchmark.hub, **chosen))


def _downloaded(benchmark: Benchmark, cache: Path, *, hub: bool) -> tuple[Path, ...]:
    """The published file, or where there is none, or it is wanted, those of the data set."""
    if benchmark.published is not None and not hub:
        return (downloaded(benchmark.published, cache),)
    if benchmark.hub is None:
        raise EvalError(f"{benchmark.name}: names no data set of the hub; pass --data")
    return downloaded_split(benchmark.hub, cache)
