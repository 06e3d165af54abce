"""`rm-data sheet`: many maps on one picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rm_data.contact_sheet import contact_sheet
from rm_data.staging import staged_files
from rm_rewards import RecordError


def sheet(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH", help="Pictures, or folders of <country>/<city>.png."),
    ],
    out: Annotated[Path, typer.Option(help="The picture to write, a PNG file.")],
    columns: Annotated[int, typer.Option(min=1, help="Maps in a row.")] = 3,
    side: Annotated[int, typer.Option(min=16, help="Pixels of the longer side of a map.")] = 480,
    most: Annotated[int, typer.Option(min=1, help="The first maps, this many.")] = 12,
) -> None:
    """Put maps side by side on one picture, to look at them."""
    found = [file for path in paths for file in _pictures(path)][:most]
    made = contact_sheet(found, columns=columns, side=side)
    with staged_files(out.absolute().parent) as folder:
        (folder / out.name).write_bytes(made)
    typer.echo(f"{out}: {len(found)} maps, {len(made):,} bytes", err=True)


def _pictures(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = sorted([*path.glob("*.png"), *path.glob("*/*.png")])
    if not found:
        raise RecordError("PATH", str(path), "a picture, or a folder of <country>/<city>.png")
    return found
