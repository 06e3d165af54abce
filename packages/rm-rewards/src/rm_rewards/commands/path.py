"""`rm-rewards path`: where the adapter of a trainer is, for trainers that load a file."""

from __future__ import annotations

from typing import Annotated

import typer

from rm_rewards.adapters import Trainer, adapter_path


def path(trainer: Annotated[Trainer, typer.Argument(help="Whose adapter.")]) -> None:
    """Print the path of the file that gives these rewards to a trainer."""
    typer.echo(adapter_path(trainer))


__all__ = ["path"]
