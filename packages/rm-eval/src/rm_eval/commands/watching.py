"""`watch`: a training measured while it goes on."""

from __future__ import annotations

import logging
import shlex
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from rm_eval.commands.benching import limit_of
from rm_eval.policy import Dtype
from rm_eval.training_time import Budget, LookPlan, Watch, watch
from rm_eval.training_time.record import CURVE
from rm_eval.training_time.spending import Spending
from rm_rewards.command_line import after_interrupt, printable


def watch_command(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN", help="A run directory of rm-train, or a folder with checkpoint-N."
        ),
    ],
    data: Annotated[
        Path, typer.Option(help="A questions file, or a folder that holds questions.jsonl.")
    ],
    out: Annotated[Path, typer.Option(help="Where looks and curve go; a watch there goes on.")],
    limit: Annotated[
        float | None,
        typer.Option(
            parser=limit_of,
            metavar="<N or share>",
            help="Ask only so many (200), or a share (0.1, 10%), the same at every look; each "
            "type and category in its share.",
        ),
    ] = None,
    every: Annotated[
        int, typer.Option(min=1, help="Look at steps that this divides, and at the last.")
    ] = 1,
    start: Annotated[
        str | None,
        typer.Option(help="The model of step 0. Default: compare with the first checkpoint."),
    ] = None,
    until: Annotated[
        int | None, typer.Option(min=1, help="End there. Default: when the training is done.")
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Look at what is there now, and end.")
    ] = False,
    alpha: Annotated[
        float, typer.Option(help="Chance of a wrong finding in the whole training.")
    ] = 0.05,
    looks: Annotated[
        int | None,
        typer.Option(min=1, help="How many looks after the first one are planned, if it is known."),
    ] = None,
    spending: Annotated[
        Spending | None,
        typer.Option(help="How alpha is divided. Default: open; with --looks obrien-fleming."),
    ] = None,
    backend: Annotated[
        Literal["transformers", "vllm"], typer.Option(help="What runs the model.")
    ] = "transformers",
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Questions at a time. Default: 8, for vllm 256.")
    ] = None,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="Longest reply.")] = 2048,
    seed: Annotated[int, typer.Option(help="Decides which questions --limit keeps.")] = 0,
    reward: Annotated[str, typer.Option(help="The reward that grades.")] = "rewardmap",
    device: Annotated[str, typer.Option(help="cpu, cuda or cuda:N.")] = "cpu",
    dtype: Annotated[Dtype, typer.Option(help="auto: as the weights are stored.")] = "auto",
    min_pixels: Annotated[int | None, typer.Option(min=1, help="Scale smaller maps up.")] = None,
    max_pixels: Annotated[int | None, typer.Option(min=1, help="Scale larger maps down.")] = None,
) -> None:
    """Ask each model that a training saves the same questions, and tell when it has changed.

    Every look is held against the first, with a correction for looking often.
    """
    budget = Budget(
        alpha=alpha, spending=spending or ("obrien-fleming" if looks else "open"), looks=looks
    )
    watched = Watch(
        run=run,
        questions=data,
        out=out,
        plan=LookPlan(every=every, limit=limit, seed=seed, budget=budget),
        start=start,
        until=until,
        once=once,
        asking={
            "backend": backend,
            "batch_size": batch_size,
            "max_new_tokens": max_new_tokens,
            "reward": reward,
            "device": device,
            "dtype": dtype,
            "min_pixels": min_pixels,
            "max_pixels": max_pixels,
        },
    )
    logging.getLogger("transformers").setLevel(logging.ERROR)
    again = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
    with after_interrupt(f"what was answered is kept, go on with: {again}"):
        watch(watched, tell=lambda line: typer.echo(printable(line), err=True))
    typer.echo(printable((out / f"{CURVE}.md").read_text("utf-8")), nl=False)
