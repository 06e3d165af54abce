"""`rm-data maps`: synthetic networks and their pictures."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rm_data.cli_values import range_value
from rm_data.commands.arguments import Seed, progress
from rm_data.map_files import ALL_STYLES, MapOrder, make_maps
from rm_data.map_manifest import MapsMade
from rm_rewards import RecordError


class Rasteriser(StrEnum):
    """Who makes pixels of the maps."""

    resvg = "resvg"
    skia = "skia"
    pillow = "pillow"


def maps(
    out: Annotated[Path, typer.Option(help="A new folder for <country>/<city>.json and .png.")],
    count: Annotated[int, typer.Option(min=1, help="How many maps.")],
    seed: Seed = 0,
    lines: Annotated[str | None, typer.Option(help="Lines of a map: 3, or 2-4.")] = None,
    size: Annotated[
        int | None, typer.Option(min=1, help="Longer side of a picture in pixels.")
    ] = None,
    style: Annotated[
        str, typer.Option(help=f"One of {', '.join(ALL_STYLES)}; mix draws one for each map.")
    ] = "mix",
    min_text: Annotated[
        float | None, typer.Option(min=1, help="Least height of station names in pixels.")
    ] = None,
    backend: Annotated[Rasteriser, typer.Option(help="Who makes pixels.")] = Rasteriser.resvg,
    workers: Annotated[int, typer.Option(min=1, help="Processes at the same time.")] = 1,
) -> None:
    """Make synthetic networks and their pictures.

    Beside each network stand its picture (.png, .svg) and where everything is in it (.truth.json);
    maps.json lists the maps, and what was rejected before they were found legible.
    """
    span = range_value(lines, "--lines")
    if style not in ALL_STYLES:
        message = f"found {style!r}, expected one of {', '.join(ALL_STYLES)}"
        raise typer.BadParameter(message, param_hint=["--style"])
    order = MapOrder(
        count=count,
        seed=seed,
        style=style,
        lines=span,
        size=size,
        min_text_px=min_text,
        backend=backend.value,
    )
    with progress(count, "maps") as done:
        try:
            made = make_maps(order, out, workers=workers, done=done)
        except RecordError:
            raise
        except ValueError as error:  # lines or size that a style cannot hold
            raise typer.BadParameter(str(error)) from None
    typer.echo(f"{out}: {_told(made)}", err=True)


def _told(made: MapsMade) -> str:
    """What was kept, and what was given up on the way, the most frequent reason first."""
    reasons = sorted(made.rejected.items(), key=lambda item: (-item[1], item[0]))
    total = sum(made.rejected.values())
    listed = ", ".join(f"{reason} {times}" for reason, times in reasons)
    return f"{made.kept} maps kept, {total} attempts rejected" + (f" ({listed})" if listed else "")
