"""What several commands take from the command line, and the bar that they show."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

Networks = Annotated[
    list[Path],
    typer.Argument(metavar="PATH", help="Network files, or folders of <country>/<city>.json."),
]
QuestionsFile = Annotated[
    Path, typer.Argument(metavar="QUESTIONS", help="A questions file; - is standard input.")
]
Seed = Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")]


@contextmanager
def progress(total: int, label: str) -> Generator[Callable[[int], object] | None]:
    """A bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    with typer.progressbar(length=total, label=label, file=sys.stderr) as bar:
        yield bar.update
