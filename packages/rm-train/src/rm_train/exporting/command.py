"""`rm-train export verl`."""

# ruff: noqa: PLC0415 - what imports torch is imported when the command runs

from __future__ import annotations

from pathlib import Path
from typing import Final

import typer

from rm_rewards.command_line import after_interrupt
from rm_train.options import more_option, with_run_options

_CLUSTER: Final = (
    more_option("nodes", int, 1, "Machines of the cluster."),
    more_option("gpus", int, 8, "GPUs of each."),
)

export_app = typer.Typer(help="Write a run as a recipe for another trainer.")


def verl(
    file: Path | None, preset: str | None, given: dict[str, object], *, nodes: int, gpus: int
) -> None:
    """Write a recipe for verl: data, reward, curriculum, configuration.

    Takes the same settings as `run`; what verl cannot follow is refused, and what it does otherwise
    is told. Write it where it will run: its paths are absolute.
    """
    with after_interrupt("nothing was written"):
        from rm_train.cli import chosen_config
        from rm_train.config import ConfigError
        from rm_train.exporting.recipe import export_verl

        for name, value in {"--nodes": nodes, "--gpus": gpus}.items():
            if value < 1:
                raise ConfigError(f"{name}: found {value}, expected 1 or more")
        recipe = export_verl(chosen_config(file, preset, given), nodes=nodes, gpus=gpus)
        for note in recipe.notes:
            typer.echo(f"note: {note}", err=True)
        typer.echo(f"{recipe.out}: {recipe.steps} steps; start it with {recipe.out}/run.sh")


export_app.command("verl")(with_run_options(verl, _CLUSTER))


@export_app.callback()
def _several() -> None:
    """Write a run as a recipe for another trainer."""
