"""How a command ends that cannot go on: one line on stderr and an exit code, no traceback."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import typer

from rm_eval.errors import EvalError
from rm_eval.policy import PolicyError
from rm_rewards import RecordError

P = ParamSpec("P")

USAGE = 2
INTERRUPTED = 130


def one_line_errors(command: Callable[P, None]) -> Callable[P, None]:
    """The command with its failures told in one line: 2 for bad input, 130 for Ctrl-C."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        with _told():
            command(*args, **kwargs)

    return wrapped


@contextmanager
def _told() -> Generator[None]:
    try:
        yield
    except (EvalError, PolicyError, RecordError) as error:
        _end(str(error), USAGE)
    except BrokenPipeError:
        # The reader of our output has gone; Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1) from None
    except OSError as error:
        _end(f"{error.filename or 'file'}: {error.strerror or error}", USAGE)
    except KeyboardInterrupt:
        again = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
        _end(f"interrupted; what was answered is kept, go on with: {again}", INTERRUPTED)


def _end(message: str, code: int) -> None:
    typer.echo(f"rm-eval: {' '.join(message.split())}", err=True)
    raise typer.Exit(code) from None
