"""`rm-data views`: the same questions about other views of their maps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rm_data.commands.arguments import Seed
from rm_data.views import KINDS, write_views


def views(
    questions: Annotated[Path, typer.Argument(metavar="QUESTIONS", help="A questions file.")],
    out: Annotated[Path, typer.Option(help="A new folder: questions, pairs.jsonl and maps.")],
    kinds: Annotated[
        str, typer.Option(help=f"all, or some of {', '.join(KINDS)}, with commas.")
    ] = "all",
    seed: Seed = 0,
) -> None:
    """Ask again about swapped ends, mirrored, turned and renamed maps, and maps without a line."""
    wanted = KINDS if kinds == "all" else tuple(kind.strip() for kind in kinds.split(","))
    for kind in wanted:
        if kind not in KINDS:
            message = f"found {kind!r}, expected all, or some of {', '.join(KINDS)}"
            raise typer.BadParameter(message, param_hint=["--kinds"])
    made = write_views(questions, out, wanted, seed=seed)
    listed = ", ".join(f"{count} {kind}" for kind, count in made.views.items())
    typer.echo(f"{out}: {listed}; {made.maps} maps", err=True)
