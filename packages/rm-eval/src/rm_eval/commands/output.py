"""`export` and `view`: a finished run for other programs, and for eyes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rm_eval.exporting import Form, export
from rm_eval.viewer import Size, write_viewer


def export_command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    form: Annotated[
        Form,
        typer.Option("--to", help="latex, markdown: the scores; else every question."),
    ],
    out: Annotated[Path, typer.Option(help="The file to write.")],
    others: Annotated[
        list[Path] | None,
        typer.Argument(metavar="RUN", help="Runs to compare it with: then the comparison."),
    ] = None,
) -> None:
    """Write a finished run, or the comparison of several, as CSV, JSON, LaTeX or parquet."""
    export(run, form, out, *(others or ()))


def view_command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    out: Annotated[Path, typer.Option(help="The HTML file to write.")],
    other: Annotated[
        Path | None, typer.Argument(metavar="OTHER", help="A second run, beside the first.")
    ] = None,
    pictures: Annotated[
        Size | None,
        typer.Option(help="full: 1600 pixels wide or high, small: 480. Default: full up to 60."),
    ] = None,
    side: Annotated[
        int | None,
        typer.Option(min=100, max=8000, help="The longer side of a picture, in place of that."),
    ] = None,
) -> None:
    """Write one page with every question, picture and reply, to look at in a browser."""
    made = write_viewer(run, other, out, pictures=pictures, side=side)
    shown = f"{made.pictures} pictures of {made.side} pixels" if made.pictures else "no pictures"
    size = out.stat().st_size / 1e6
    typer.echo(f"{out}: {made.questions} questions, {shown}, {size:.1f} MB", err=True)
