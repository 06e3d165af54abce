"""Each failure of a command as one line on standard error, with the exit code it calls for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec

import typer

from rm_rewards import RecordError

P = ParamSpec("P")

FAILED: Final = 1
_INTERRUPTED: Final = 130


def one_line_errors(command: Callable[P, None]) -> Callable[P, None]:
    """A command whose failures end in one line and exit code 1, and Ctrl-C in 130."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except BrokenPipeError:
            _close_output()
        except RecordError as error:
            _fail(str(error))
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            _fail(f"{place}{error.strerror or error}")
        except KeyboardInterrupt:
            typer.echo("interrupted: nothing was left half-written", err=True)
            raise typer.Exit(_INTERRUPTED) from None

    return run


def _fail(message: str) -> None:
    typer.echo(f"error: {' '.join(message.split())}", err=True)
    raise typer.Exit(FAILED)


def _close_output() -> None:
    """The reader of a pipe has seen enough; Python must not complain when it flushes at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise typer.Exit(FAILED)
