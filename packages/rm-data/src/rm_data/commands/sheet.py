"""`rm-data sheet`: many maps on one picture."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from rm_data.commands.arguments import Seed
from rm_data.contact_sheet import contact_sheet
from rm_data.map_files import MapOrder, make_maps
from rm_data.staging import staged_files
from rm_rewards import RecordError


def sheet(
    out: Annotated[Path, typer.Option(help="The picture to write, a PNG file.")],
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH...]",
            help="Pictures, or folders of <country>/<city>.png. Without any: synthetic maps.",
        ),
    ] = None,
    columns: Annotated[int, typer.Option(min=1, help="Maps in a row.")] = 3,
    side: Annotated[int, typer.Option(min=16, help="Pixels of the longer side of a map.")] = 480,
    most: Annotated[int, typer.Option(min=1, help="The first maps, this many.")] = 12,
    seed: Seed = 0,
) -> None:
    """Put maps side by side on one picture, to look at them."""
    if paths:
        found = [file for path in paths for file in _pictures(path)][:most]
        made = contact_sheet(found, columns=columns, side=side)
    else:
        made = _synthetic(most, seed, columns=columns, side=side)
    with staged_files(out.absolute().parent) as folder:
        (folder / out.name).write_bytes(made)
    typer.echo(f"{out}: {len(made):,} bytes", err=True)


def _synthetic(count: int, seed: int, *, columns: int, side: int) -> bytes:
    """A sheet of synthetic maps in all styles."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "maps"
        make_maps(MapOrder(count=count, seed=seed), folder)
        return contact_sheet(_pictures(folder), columns=columns, side=side)


def _pictures(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = sorted([*path.glob("*.png"), *path.glob("*/*.png")])
    if not found:
        raise RecordError("PATH", str(path), "a picture, or a folder of <country>/<city>.png")
    return found
