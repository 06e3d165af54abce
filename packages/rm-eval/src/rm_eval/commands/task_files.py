"""The options that name task files of one's own, the same for every command that takes them."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

TasksFrom: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(help="A task file: FILE.yaml, FILE.py or FILE.py:NAME. May be repeated."),
]
TrustTaskCode: TypeAlias = Annotated[
    bool,
    typer.Option("--trust-task-code", help="Run the task.py that lies in a prepared folder."),
]
