"""`rm-data legibility`: how well an independent reader reads the names on maps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rm_data.commands.arguments import progress
from rm_data.legibility_report import MapRead, legibility_table, pictures_in, read_maps
from rm_data.legibility_report import legibility as rows_of
from rm_rewards.command_line import FAILED


def legibility(
    folders: Annotated[
        list[Path], typer.Argument(metavar="DIR", help="Folders of maps, as `maps` writes them.")
    ],
    sample: Annotated[
        int | None, typer.Option(min=1, help="Read this many maps of each folder, spread over it.")
    ] = None,
    least: Annotated[
        float, typer.Option(min=0, max=1, help="Exit code 1 below this share of names.")
    ] = 0.0,
    misread: Annotated[bool, typer.Option(help="List the names that were misread.")] = False,
) -> None:
    """Let RapidOCR read the names on maps, and compare with the truth beside them.

    A few seconds a map on one core. Needs the extra: pip install 'rm-data[legibility]'.
    """
    reads = [read for folder in folders for read in _read(folder, sample)]
    for line in legibility_table(rows_of(reads)):
        typer.echo(line)
    readings = [(read.path, reading) for read in reads for reading in read.readings]
    wrong = [(path, reading) for path, reading in readings if not reading.exact]
    for path, reading in wrong if misread else []:
        typer.echo(f"{path}: {reading.printed!r} read as {reading.read!r}")
    share = 1 - len(wrong) / max(1, len(readings))
    if share < least:
        typer.echo(f"{share:.1%} of the names were read exactly, below {least:.1%}", err=True)
        raise typer.Exit(FAILED)


def _read(folder: Path, sample: int | None) -> list[MapRead]:
    found = pictures_in(folder, sample=sample)
    reads: list[MapRead] = []
    with progress(len(found), str(folder)) as done:
        for read in read_maps(folder, found):
            reads.append(read)
            if done is not None:
                done(1)
    return reads
