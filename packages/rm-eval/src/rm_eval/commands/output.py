"""`export` and `view`: a finished run for other programs, and for eyes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rm_eval.exporting import Form, export
from rm_eval.viewer.page import SIDE, write_viewer


def export_command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    form: Annotated[Form, typer.Option("--to", help="latex: the scores; else every question.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
) -> None:
    """Write a finished run as CSV, JSON, LaTeX or parquet."""
    export(run, form, out)


def view_command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    out: Annotated[Path, typer.Option(help="The HTML file to write.")],
    other: Annotated[
        Path | None, typer.Argument(metavar="OTHER", help="A second run, beside the first.")
    ] = None,
    side: Annotated[
        int, typer.Option(min=100, max=8000, help="The longer side of a picture on the page.")
    ] = SIDE,
) -> None:
    """Write one page with every question, picture and reply, to look at in a browser."""
    count = write_viewer(run, other, out, side=side)
    typer.echo(f"{out}: {count} questions", err=True)
