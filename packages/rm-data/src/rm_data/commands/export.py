"""`rm-data export`: question files in the forms of other tools."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rm_data.exporting import export as exported


class To(StrEnum):
    """The forms."""

    hf = "hf"
    sharegpt = "sharegpt"
    verl = "verl"
    vlmevalkit = "vlmevalkit"
    reasonmap = "reasonmap"
    trl = "trl"


class Images(StrEnum):
    """How pictures travel."""

    path = "path"
    embed = "embed"
    tar = "tar"


def export(
    questions: Annotated[
        list[Path],
        typer.Argument(metavar="QUESTIONS", help="NAME.jsonl is train, NAME.SPLIT.jsonl is SPLIT."),
    ],
    to: Annotated[To, typer.Option(help="The form.")],
    out: Annotated[Path, typer.Option(help="A new folder.")],
    images: Annotated[
        Images, typer.Option(help="Pictures once each in maps/, in every row, or in one tar.")
    ] = Images.path,
    made_by: Annotated[
        str, typer.Option(help="For the card: the commands that made the questions, with seeds.")
    ] = "",
    name: Annotated[str, typer.Option(help="Of the dataset; by default the first file's.")] = "",
) -> None:
    """Write questions for HF datasets, LLaMA-Factory, verl, VLMEvalKit, ReasonMap or TRL."""
    counts = exported(questions, to.value, out, images=images.value, title=name, made_by=made_by)
    listed = ", ".join(f"{count} {split}" for split, count in counts.items())
    typer.echo(f"{out}: {to.value}: {listed}", err=True)
