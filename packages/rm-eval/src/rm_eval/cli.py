"""The command line of rm-eval: measure a model, compare measurements."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from rm_eval.commands.benching import bench_command
from rm_eval.commands.claims import check_claim_command, published_command
from rm_eval.commands.contamination import contamination_command
from rm_eval.commands.generalisation import generalisation_command
from rm_eval.commands.judging import judge_command
from rm_eval.commands.leaderboard import leaderboard_command
from rm_eval.commands.listing import list_command
from rm_eval.commands.noise import noise_command
from rm_eval.commands.output import export_command, view_command
from rm_eval.commands.preparation import prepare_command
from rm_eval.commands.rescoring import rescore_command
from rm_eval.commands.steering import steer_app
from rm_eval.commands.watching import watch_command
from rm_eval.comparison import compare as compare_runs
from rm_eval.errors import EvalError
from rm_eval.policy import PolicyError
from rm_rewards.command_line import FAILED, printable, program

app = program(
    "rm-eval",
    "Measure a vision-language model on map questions, with intervals.",
    errors={EvalError: FAILED, PolicyError: FAILED},
)


app.command("bench")(bench_command)


@app.command()
def compare(
    run_a: Annotated[Path, typer.Argument(metavar="RUN_A", help="The run before.")],
    run_b: Annotated[Path, typer.Argument(metavar="RUN_B", help="The run after.")],
    others: Annotated[
        list[Path] | None,
        typer.Argument(metavar="RUN", help="More runs as further columns, such as a blind one."),
    ] = None,
    form: Annotated[
        Literal["markdown", "json"], typer.Option("--format", help="What goes to stdout.")
    ] = "markdown",
    margin: Annotated[
        float | None,
        typer.Option(
            min=0.0, help="Exit 1 unless RUN_B is shown to lose less than so many points (%)."
        ),
    ] = None,
    items: Annotated[
        int, typer.Option(min=0, help="List so many learned and forgotten questions.")
    ] = 10,
) -> None:
    """Show runs over the same questions side by side, with paired tests of the first two."""
    comparison = compare_runs(run_a, run_b, *(others or ()))
    share = None if margin is None else margin / 100
    if form == "json":
        typer.echo(json.dumps(asdict(comparison), indent=2, ensure_ascii=False))
    else:
        typer.echo(printable(comparison.markdown(margin=share, items=items)), nl=False)
    if share is not None and comparison.perhaps_worse(share):
        raise typer.Exit(FAILED)


app.command("prepare")(prepare_command)
app.command("rescore")(rescore_command)
app.command("judge")(judge_command)
app.command("noise")(noise_command)
app.command("check-claim")(check_claim_command)
app.command("published")(published_command)
app.command("contamination")(contamination_command)
app.command("export")(export_command)
app.command("view")(view_command)
app.command("watch")(watch_command)
app.command("leaderboard")(leaderboard_command)
app.add_typer(steer_app, name="steer")
app.command("generalisation")(generalisation_command)
app.command("list")(list_command)
