"""`judge`: a judge model asked about replies that no rule can read."""

from __future__ import annotations

import json
import logging
import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

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
from rm_eval.commands.task_files import TasksFrom, TrustTaskCode, trusted
from rm_eval.custom import OWN
from rm_eval.extractors import EXTRACTORS, PAPER
from rm_eval.judging import judge, judge_markdown
from rm_eval.manifest import BackendName, Settings
from rm_eval.policy import Dtype
from rm_rewards.command_line import after_interrupt, printable

_BATCHES: dict[BackendName, int] = {"transformers": 8, "vllm": 256, "openai": 16}


def _known(name: str) -> str:
    if name not in (*EXTRACTORS, OWN):
        raise typer.BadParameter(f"found {name!r}, expected one of {', '.join(EXTRACTORS)}, {OWN}")
    return name


def judge_command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, finished or not.")],
    model: Annotated[
        str, typer.Option(help="What the server calls the judge; else its folder, or ORG/NAME.")
    ],
    backend: Annotated[BackendName, typer.Option(help="What runs the judge.")] = "openai",
    extractor: Annotated[
        str,
        typer.Option(
            help="Whose unread replies: of `rm-eval list`, or task-file.", callback=_known
        ),
    ] = PAPER,
    agree: Annotated[
        float,
        typer.Option(
            min=0.0, max=1.0, help="Also judge this share of what the rules read, and compare."
        ),
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="Decides which replies --agree draws.")] = 0,
    tasks_from: TasksFrom = None,
    trust_task_code: TrustTaskCode = False,
    batch_size: Annotated[
        int | None,
        typer.Option(min=1, help="Replies at a time. Default: 8, for vllm 256, for openai 16."),
    ] = None,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="Longest text of the judge.")] = 512,
    device: Annotated[str, typer.Option(help="cpu, cuda or cuda:N.")] = "cpu",
    dtype: Annotated[Dtype, typer.Option(help="auto: as the weights are stored.")] = "auto",
    max_model_len: Annotated[
        int | None, typer.Option(min=1, help="vllm: longest prompt with its reply, in tokens.")
    ] = None,
    base_url: BaseUrl = DEFAULT.base_url,
    concurrency: Concurrency = DEFAULT.concurrency,
    requests_per_minute: RequestsPerMinute = DEFAULT.requests_per_minute,
    timeout: Timeout = DEFAULT.timeout_s,
    retries: Retries = DEFAULT.retries,
    request_fields: RequestFields = "{}",
    key_variable: KeyVariable = DEFAULT.key_variable,
    form: Annotated[
        Literal["markdown", "json"], typer.Option("--format", help="What goes to stdout.")
    ] = "markdown",
) -> None:
    """Let a model say which answers the replies give that no rule could read; never guessed."""
    server = Server(
        base_url=base_url,
        concurrency=concurrency,
        requests_per_minute=requests_per_minute,
        timeout_s=timeout,
        retries=retries,
        fields=fields_of(request_fields),
        key_variable=key_variable,
    )
    settings = Settings(
        backend=backend,
        batch_size=batch_size or _BATCHES[backend],
        max_new_tokens=max_new_tokens,
        device=device,
        dtype=dtype,
        max_model_len=max_model_len,
        server=server if backend == "openai" else None,
    )
    logging.getLogger("transformers").setLevel(logging.ERROR)
    again = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
    with after_interrupt(f"the verdicts are kept, go on with: {again}"):
        found = judge(
            run,
            model,
            settings,
            extractor=extractor,
            agree=agree,
            seed=seed,
            trust=trusted(tasks_from, trust_code=trust_task_code),
            progress=_show_progress if sys.stderr.isatty() else None,
        )
    if form == "json":
        typer.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    else:
        typer.echo(printable(judge_markdown(str(run), model, found)), nl=False)


def _show_progress(answered: int) -> None:
    sys.stderr.write(f"\r{answered} requests answered")
    sys.stderr.flush()
