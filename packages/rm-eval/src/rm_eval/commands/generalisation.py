"""`generalisation`: runs by how far their questions are from what was trained on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import typer

from rm_eval.generalisation import Generalisation, generalisation
from rm_eval.generalisation.page import as_csv, console, markdown
from rm_rewards.command_line import printable

Form: TypeAlias = Literal["table", "markdown", "json", "csv"]


def _as_json(found: Generalisation) -> str:
    return json.dumps(asdict(found), indent=2, ensure_ascii=False) + "\n"


_WRITTEN: Final[dict[Form, Callable[[Generalisation], str]]] = {
    "table": console,
    "markdown": markdown,
    "json": _as_json,
    "csv": as_csv,
}


def generalisation_command(
    train: Annotated[
        Path, typer.Option(help="The questions that were trained on: a file, or a folder.")
    ],
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Finished runs on the same questions.")
    ],
    form: Annotated[Form, typer.Option("--format", help="What goes to stdout.")] = "table",
) -> None:
    """Show accuracy on new questions, unseen cities and unseen types, and consistency."""
    typer.echo(printable(_WRITTEN[form](generalisation(train, *runs))), nl=False)
