"""`rm-data legibility`: how well an independent reader reads the names on maps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rm_data.commands.arguments import progress
from rm_data.legibility_report import MapRead, legibility_table, read_maps
from rm_data.legibility_report import legibility as rows_of
from rm_rewards.command_line import FAILED


def legibility(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Maps, as `maps` writes them.")],
    sample: Annotated[
        int | None, typer.Option(min=1, help="Read this many maps, spread over the folder.")
    ] = None,
    least: Annotated[
        float, typer.Option(min=0, max=1, help="Exit code 1 below this share of names.")
    ] = 0.0,
    misread: Annotated[bool, typer.Option(help="List the names that were misread.")] = False,
) -> None:
    """Let RapidOCR read the names on maps, and compare with the truth beside them.

    A few seconds a map on one core. Needs the extra: pip install 'rm-data[legibility]'.
    """
    reads: list[MapRead] = []
    with progress(sample or 0, "maps read") as done:
        for read in read_maps(folder, sample=sample):
            reads.append(read)
            if done is not None:
                done(1)
    for line in legibility_table(rows_of(reads)):
        typer.echo(line)
    readings = [(read.path, reading) for read in reads for reading in read.readings]
    if misread:
        for path, reading in readings:
            if not reading.exact:
                typer.echo(f"{path}: {reading.printed!r} read as {reading.read!r}")
    share = sum(reading.exact for _, reading in readings) / max(1, len(readings))
    if share < least:
        typer.echo(f"{share:.1%} of the names were read exactly, below {least:.1%}", err=True)
        raise typer.Exit(FAILED)
