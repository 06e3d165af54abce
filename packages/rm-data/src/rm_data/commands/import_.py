"""`rm-data import`: networks from files of other forms."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rm_data.reasonmap import LICENCE, import_lists


class Origin(StrEnum):
    """What can be imported."""

    reasonmap = "reasonmap"


def import_(
    origin: Annotated[Origin, typer.Argument(metavar="FORM", help="The form of SRC: reasonmap.")],
    src: Annotated[
        Path, typer.Argument(metavar="SRC", help="Station lists: a file, or a folder of them.")
    ],
    out: Annotated[Path, typer.Option(help="A new folder for <country>/<city>.json.")],
    licence: Annotated[str, typer.Option(help="Written into each network.")] = LICENCE,
) -> None:
    """Write published station lists as network files, without the edges that do not exist."""
    del origin
    made = import_lists(src, out, licence=licence)
    typer.echo(f"{out}: {made} networks", err=True)
