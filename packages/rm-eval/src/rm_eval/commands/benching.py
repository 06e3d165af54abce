"""`bench`: a model asked the questions of a benchmark."""

from __future__ import annotations

import logging
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from rm_eval.backends.server_settings import Server
from rm_eval.commands.server_options import (
    DEFAULT,
    BaseUrl,
    Concurrency,
    KeyVariable,
    RequestFields,
    RequestsPerMinute,
    Retries,
    Timeout,
    fields_of,
)
from rm_eval.commands.task_files import TasksFrom, TrustTaskCode
from rm_eval.custom import own_name
from rm_eval.errors import EvalError
from rm_eval.manifest import BackendName
from rm_eval.options import Options
from rm_eval.policy import Dtype
from rm_eval.progress import LiveLine
from rm_eval.run import bench as run_bench
from rm_eval.stratified import Limit
from rm_eval.suite import Failure, SuiteReport, bench_suite, holds_sets
from rm_eval.tasks import types_of_tasks
from rm_rewards.command_line import FAILED, after_interrupt, printable


def _names(tasks: str) -> list[str]:
    return [name.strip() for name in tasks.split(",")]


def _known_tasks(tasks: str | None, data: Path) -> list[str] | None:
    """The names, of built-in tasks and of those whose file travels with the data."""
    if tasks is None:
        return None
    places = [data, *sorted(data.iterdir())] if data.is_dir() else [data.parent]
    try:
        types_of_tasks(_names(tasks), filter(None, map(own_name, places)))
    except EvalError as error:
        raise typer.BadParameter(
            str(error).removeprefix("tasks: "), param_hint="'--tasks'"
        ) from None
    return _names(tasks)


def limit_of(text: str) -> Limit:
    """A count such as 200, or a share such as 0.1 or 10%."""
    number = text.strip()
    try:
        if number.endswith("%"):
            limit: Limit = float(number[:-1]) / 100
        else:
            limit = int(number) if number.isdigit() else float(number)
    except ValueError:
        limit = 0
    if (isinstance(limit, int) and limit < 1) or not (isinstance(limit, int) or 0 < limit <= 1):
        raise typer.BadParameter(f"found {text!r}, expected a number of questions, or 0.1 or 10%")
    return limit


def bench_command(
    model: Annotated[
        list[str], typer.Option(help="A model folder, or ORG/NAME on the hub; may be repeated.")
    ],
    data: Annotated[
        Path,
        typer.Option(
            help="A questions file, a folder that holds questions.jsonl, or a folder of such "
            "folders, one a benchmark."
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            help="The run folder; of several runs OUT/MODEL/TASK, with a table over all in OUT. "
            "What is unfinished there goes on."
        ),
    ],
    backend: Annotated[BackendName, typer.Option(help="What runs the model.")] = "transformers",
    tasks: Annotated[
        str | None,
        typer.Option(help="Names from `rm-eval list`, with commas. Default: all."),
    ] = None,
    limit: Annotated[
        float | None,
        typer.Option(
            parser=limit_of,
            metavar="<N or share>",
            help="Ask only so many (200), or a share (0.1, 10%), of each set; each type and "
            "category in its share.",
        ),
    ] = None,
    blind: Annotated[
        bool, typer.Option("--blind", help="Control: replace every picture by one grey.")
    ] = False,
    batch_size: Annotated[
        int | None,
        typer.Option(min=1, help="Questions at a time. Default: 8, for vllm 256, for openai 64."),
    ] = None,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="Longest reply.")] = 2048,
    seed: Annotated[int, typer.Option(help="Decides which questions --limit keeps.")] = 0,
    reward: Annotated[str, typer.Option(help="The reward that grades.")] = "rewardmap",
    device: Annotated[str, typer.Option(help="cpu, cuda or cuda:N.")] = "cpu",
    dtype: Annotated[Dtype, typer.Option(help="auto: as the weights are stored.")] = "auto",
    min_pixels: Annotated[int | None, typer.Option(min=1, help="Scale smaller maps up.")] = None,
    max_pixels: Annotated[int | None, typer.Option(min=1, help="Scale larger maps down.")] = None,
    max_model_len: Annotated[
        int | None, typer.Option(min=1, help="vllm: longest prompt with its reply, in tokens.")
    ] = None,
    engines: Annotated[
        int, typer.Option(min=1, help="vllm: so many processes side by side, one a GPU.")
    ] = 1,
    base_url: BaseUrl = DEFAULT.base_url,
    concurrency: Concurrency = DEFAULT.concurrency,
    requests_per_minute: RequestsPerMinute = DEFAULT.requests_per_minute,
    timeout: Timeout = DEFAULT.timeout_s,
    retries: Retries = DEFAULT.retries,
    tasks_from: TasksFrom = None,
    trust_task_code: TrustTaskCode = False,
    request_fields: RequestFields = "{}",
    key_variable: KeyVariable = DEFAULT.key_variable,
    steer: Annotated[
        Path | None, typer.Option(help="transformers: a vector of rm-eval steer make.")
    ] = None,
    steer_strength: Annotated[
        float, typer.Option(help="How many times the vector is added at each thought.")
    ] = 1.0,
    price_in: Annotated[
        float | None, typer.Option(min=0.0, help="What a million tokens of prompts cost.")
    ] = None,
    price_out: Annotated[
        float | None, typer.Option(min=0.0, help="What a million tokens of replies cost.")
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(min=0.0, help="Stop before more than this is spent; needs both prices."),
    ] = None,
) -> None:
    """Ask models every question, greedily, and report accuracy with intervals."""
    server = Server(
        base_url=base_url,
        concurrency=concurrency,
        requests_per_minute=requests_per_minute,
        timeout_s=timeout,
        retries=retries,
        fields=fields_of(request_fields),
        key_variable=key_variable,
    )
    logging.getLogger("transformers").setLevel(logging.ERROR)
    again = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
    options: Options = {
        "backend": backend,
        "tasks": _known_tasks(tasks, data),
        "limit": limit,
        "blind": blind,
        "batch_size": batch_size,
        "max_new_tokens": max_new_tokens,
        "seed": seed,
        "reward": reward,
        "device": device,
        "dtype": dtype,
        "min_pixels": min_pixels,
        "max_pixels": max_pixels,
        "max_model_len": max_model_len,
        "engines": engines,
        "server": server,
        "steer": steer,
        "steer_strength": steer_strength,
        "price_in": price_in,
        "price_out": price_out,
        "budget": budget,
        "tasks_from": tasks_from or (),
        "trust_task_code": trust_task_code,
    }
    with after_interrupt(f"what was answered is kept, go on with: {again}"), LiveLine() as live:
        if len(model) == 1 and not holds_sets(data):
            report = run_bench(model[0], data, out, tell=live.show, **options)
        else:
            report = _suite(model, data, out, live, options)
    typer.echo(printable(report.markdown()), nl=False)
    if isinstance(report, SuiteReport) and report.failures:
        raise typer.Exit(FAILED)


def _suite(
    models: list[str], data: Path, out: Path, live: LiveLine, options: Options
) -> SuiteReport:
    def tell(failure: Failure) -> None:
        live.end()
        typer.echo(
            printable(f"rm-eval: {failure.model} {failure.task}: {failure.reason}"), err=True
        )

    return bench_suite(models, data, out, tell=live.show, on_failure=tell, **options)
