"""`rm-data published`: the published question sets as our own question files."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rm_rewards import RecordError

if TYPE_CHECKING:
    from rm_data.published import Written


class Set(StrEnum):
    """The sets."""

    reasonmap = "reasonmap"
    reasonmap_plus = "reasonmap-plus"
    reasonmap_train = "reasonmap-train"


def published(
    name: Annotated[
        Set, typer.Argument(metavar="SET", help="reasonmap, reasonmap-plus or reasonmap-train.")
    ],
    src: Annotated[
        str,
        typer.Argument(
            metavar="SRC", help="A name on the Hub, such as FSCCS/ReasonMap-Plus, or a folder."
        ),
    ],
    out: Annotated[Path, typer.Option(help="A new folder.")],
    split: Annotated[str, typer.Option(help="The split.")] = "train",
    files: Annotated[
        Path | None, typer.Option(help="Folder with maps/ and stations/; by default SRC.")
    ] = None,
) -> None:
    """Read a published question set; writes questions.jsonl, pictures and networks."""
    if find_spec("datasets") is None:
        way_out = "it installed: pip install 'rm-data[export]'"
        raise RecordError("SET", f"{name.value} without the package datasets", way_out)
    if files is not None and not files.is_dir():
        raise RecordError("--files", str(files), "a folder with maps/ and stations/")
    module = import_module("rm_data.published")  # needs a package that is an extra
    made: Written = module.write_published(name.value, src, out, split=split, files=files)
    typer.echo(f"{out}: {made.questions} questions, {len(made.pictures)} pictures", err=True)
    if made.bare:
        cities = ", ".join(sorted(made.bare))
        typer.echo(f"no picture at hand: {cities}: give their folder with --files", err=True)
