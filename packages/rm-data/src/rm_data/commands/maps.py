"""`rm-data maps`: synthetic networks and their pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rm_data.cli_values import range_value
from rm_data.commands.arguments import Seed, progress
from rm_data.map_files import MIX, MapOrder, make_maps
from rm_data.synthetic import STYLES
from rm_rewards import RecordError


def maps(
    out: Annotated[Path, typer.Option(help="A new folder for <country>/<city>.json and .png.")],
    count: Annotated[int, typer.Option(min=1, help="How many maps.")],
    seed: Seed = 0,
    lines: Annotated[str | None, typer.Option(help="Lines of a map: 3, or 2-4.")] = None,
    size: Annotated[int | None, typer.Option(min=1, help="Side of a picture in pixels.")] = None,
    style: Annotated[str, typer.Option(help="A style, or mix for all of them.")] = "mix",
    workers: Annotated[int, typer.Option(min=1, help="Processes at the same time.")] = 1,
) -> None:
    """Make synthetic networks and their pictures."""
    span = range_value(lines, "--lines")
    if style != MIX and style not in STYLES:
        message = f"found {style!r}, expected one of {', '.join(STYLES)}, or {MIX}"
        raise typer.BadParameter(message, param_hint=["--style"])
    order = MapOrder(count=count, seed=seed, style=style, lines=span, size=size)
    with progress(count, "maps") as done:
        try:
            made = make_maps(order, out, workers=workers, done=done)
        except RecordError:
            raise
        except ValueError as error:  # lines or size that a style cannot hold
            raise typer.BadParameter(str(error)) from None
    typer.echo(f"{out}: {made} maps", err=True)
