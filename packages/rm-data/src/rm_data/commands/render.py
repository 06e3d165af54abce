"""`rm-data render`: pictures of networks that have none."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rm_data.cities.styles import CITY_STYLES
from rm_data.commands.arguments import Networks, Seed, progress
from rm_data.networks import read_all
from rm_data.picture.raster import BACKENDS, Backend
from rm_data.placing.files import RenderOrder, read_guide, write_rendered
from rm_data.placing.render import TRIES
from rm_rewards.command_line import FAILED


def render(
    paths: Networks,
    out: Annotated[
        Path, typer.Option(help="A new folder for <country>/<city> .json .png .svg .truth.json.")
    ],
    style: Annotated[str, typer.Option(help="How the maps look.")] = "metro",
    size: Annotated[
        int | None, typer.Option(min=1, help="Longer side of a picture in pixels.")
    ] = None,
    seed: Seed = 0,
    tries: Annotated[int, typer.Option(min=1, help="Layouts of a map at the most.")] = TRIES,
    positions: Annotated[
        Path | None,
        typer.Option(help="JSON {station: [x, y]} that the layout shall resemble."),
    ] = None,
    backend: Annotated[str, typer.Option(help=f"One of {', '.join(BACKENDS)}.")] = "resvg",
    workers: Annotated[int, typer.Option(min=1, help="Processes at the same time.")] = 1,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit code 1 if a picture has a fault.")
    ] = False,
) -> None:
    """Draw networks that come without pictures; labels and topology are checked by machine."""
    if style not in CITY_STYLES:
        message = f"found {style!r}, expected one of {', '.join(CITY_STYLES)}"
        raise typer.BadParameter(message, param_hint=["--style"])
    order = RenderOrder(
        look=CITY_STYLES[style].look,
        size=size,
        seed=seed,
        tries=tries,
        backend=_backend(backend),
        guide=None if positions is None else read_guide(positions),
    )
    files = read_all(paths)
    with progress(len(files), "maps") as done:
        made = write_rendered(files, order, out, workers=workers, done=done)
    faults = 0
    for drawn in made:
        faults += len(drawn.faults)
        for fault in drawn.faults:
            typer.echo(f"{'/'.join(drawn.place)}: {fault}")
    typer.echo(f"{out}: {len(made)} maps, {faults} faults", err=True)
    if faults and strict:
        raise typer.Exit(FAILED)


def _backend(name: str) -> Backend:
    for known in BACKENDS:
        if name == known:
            return known
    message = f"found {name!r}, expected one of {', '.join(BACKENDS)}"
    raise typer.BadParameter(message, param_hint=["--backend"])
