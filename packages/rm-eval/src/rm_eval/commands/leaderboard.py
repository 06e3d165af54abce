"""`leaderboard`: many runs as one table."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from rm_eval.atomic import write_text
from rm_eval.errors import EvalError
from rm_eval.leaderboard import FORMS, Board, leaderboard, page
from rm_rewards.command_line import printable


def leaderboard_command(
    places: Annotated[
        list[Path], typer.Argument(metavar="RUN_OR_FOLDER...", help="Runs, or folders of runs.")
    ],
    out: Annotated[Path | None, typer.Option(help="A page to look at in a browser.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="The table as markdown.")] = None,
    csv: Annotated[Path | None, typer.Option(help="As CSV, shares in [0, 1].")] = None,
    json: Annotated[Path | None, typer.Option(help="As JSON, with all that is known.")] = None,
    latex: Annotated[Path | None, typer.Option(help="As a LaTeX tabular.")] = None,
    views: Annotated[
        Path | None,
        typer.Option(
            help="A folder with pages of `rm-eval view` to link to, NAME.html or PARENT-NAME.html "
            "for the run PARENT/NAME."
        ),
    ] = None,
) -> None:
    """Rank models over their runs; without a file to write, markdown on standard output."""
    if views is not None and out is None:
        raise typer.BadParameter("--views: found no --out, expected the page that links there")
    if views is not None and not views.is_dir():
        raise EvalError(f"{views}: no such folder, expected one with pages of rm-eval view")
    board = leaderboard(places)
    texts = {
        path: FORMS[form](board)
        for form, path in (("markdown", markdown), ("csv", csv), ("json", json), ("latex", latex))
        if path is not None
    }
    if out is not None:
        texts[out] = page(board, {} if views is None else _addresses(board, views, out))
    for path, text in texts.items():
        write_text(text, path)
    for one in board.left_out:
        typer.echo(printable(f"left out: {one}"), err=True)
    if not texts:
        typer.echo(printable(FORMS["markdown"](board)), nl=False)


def _addresses(board: Board, views: Path, out: Path) -> dict[str, str]:
    """Where the page finds the viewer's page of each run that has one."""
    runs = {cell.run for row in board.rows for cell in row.cells.values()}
    places = {run: Path(run).resolve() for run in runs}
    times = Counter(place.name for place in places.values())
    found: dict[str, str] = {}
    for run, place in places.items():
        names = [f"{place.parent.name}-{place.name}"]
        names += [place.name] if times[place.name] == 1 else []
        pages = [views / f"{name}.html" for name in names]
        for file in pages[::-1]:
            if file.is_file():
                found[run] = quote(os.path.relpath(file.resolve(), out.resolve().parent))
    return found
