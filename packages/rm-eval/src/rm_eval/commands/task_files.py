"""The options that name task files of one's own, the same for every command that takes them."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from rm_eval.custom import Trust, read_task

TasksFrom: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(help="A task file: FILE.yaml, FILE.py or FILE.py:NAME. May be repeated."),
]
TrustTaskCode: TypeAlias = Annotated[
    bool,
    typer.Option("--trust-task-code", help="Run the task.py that lies in a prepared folder."),
]


def trusted(tasks_from: list[str] | None, *, trust_code: bool) -> Trust:
    """What of the task files in folders may run, as the options say.

    Raises:
        EvalError, OSError: If a file that was passed cannot be used.
    """
    return Trust(tuple(read_task(file) for file in tasks_from or ()), trust_code)
