"""`steer make` and `steer report`: a vector that steers reasoning, and what it changed."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from rm_eval.policy import Dtype
from rm_eval.steering.effect import steering_effect
from rm_eval.steering.making import LEAST, Made, make_vectors
from rm_rewards.command_line import after_interrupt, printable

steer_app = typer.Typer(help="Steer a model's reasoning (SEAL): make a vector, report its effect.")


def _layers(text: str) -> list[int]:
    try:
        return [int(one) for one in text.split(",")]
    except ValueError:
        raise typer.BadParameter(
            f"--layer: found {text!r}, expected a number, or several with commas: 4,8,12"
        ) from None


@steer_app.command("make")
def make_command(
    model: Annotated[str, typer.Option(help="A model folder, or ORG/NAME on the hub.")],
    traces: Annotated[
        Path,
        typer.Option(
            help="A finished run, or a file with question, picture and reply a line (JSON)."
        ),
    ],
    layer: Annotated[
        str, typer.Option(help="A decoder layer, 1 for the first; several with commas: 4,8,12.")
    ],
    out: Annotated[
        Path, typer.Option(help="The .safetensors file; of several layers NAME-layer4.safetensors.")
    ],
    device: Annotated[str, typer.Option(help="cpu, cuda or cuda:N.")] = "cpu",
    dtype: Annotated[Dtype, typer.Option(help="auto: as the weights are stored.")] = "auto",
    min_pixels: Annotated[
        int | None, typer.Option(min=1, help="As the replies were made. Default: as in the run.")
    ] = None,
    max_pixels: Annotated[int | None, typer.Option(min=1, help="Likewise.")] = None,
    least: Annotated[
        int, typer.Option(min=1, help="Fewest thoughts of execution, and of the other two kinds.")
    ] = LEAST,
) -> None:
    """Make the vector that leads from reflection and transition to execution."""
    logging.getLogger("transformers").setLevel(logging.ERROR)
    with after_interrupt("nothing was written"):
        made = make_vectors(
            model,
            traces,
            _layers(layer),
            out,
            device=device,
            dtype=dtype,
            min_pixels=min_pixels,
            max_pixels=max_pixels,
            least=least,
            progress=_show_progress if sys.stderr.isatty() else None,
        )
    for one in made:
        typer.echo(printable(_told(one)))


@steer_app.command("report")
def report_command(
    plain: Annotated[Path, typer.Argument(metavar="PLAIN", help="The run without steering.")],
    steered: Annotated[
        Path, typer.Argument(metavar="STEERED", help="The same questions with --steer.")
    ],
    form: Annotated[
        Literal["markdown", "json"], typer.Option("--format", help="What goes to stdout.")
    ] = "markdown",
) -> None:
    """Show accuracy, tokens and kinds of thought of a run before and after steering."""
    effect = steering_effect(plain, steered)
    if form == "json":
        typer.echo(json.dumps(asdict(effect), indent=2, ensure_ascii=False))
    else:
        typer.echo(printable(effect.markdown()), nl=False)


def _told(made: Made) -> str:
    origin = made.vector.origin
    counts = ", ".join(f"{count} {label}" for label, count in origin.thoughts.items())
    agreement = "" if origin.agreement is None else f"; halves agree to {origin.agreement:.2f}"
    return (
        f"{made.path}: layer {origin.layer}, from {origin.traces} traces with {counts} "
        f"thoughts{agreement}"
    )


def _show_progress(read: int) -> None:
    sys.stderr.write(f"\r{read} traces read ")
    sys.stderr.flush()
