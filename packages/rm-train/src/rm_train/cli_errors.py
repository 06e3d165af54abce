"""Each failure of a command as one line on standard error, with the exit code it calls for."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import typer

from rm_eval import EvalError, PolicyError
from rm_rewards import RecordError
from rm_train.config import ConfigError
from rm_train.run_directory import RunError

FAILED: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130


@contextmanager
def one_line_errors(after_interrupt: str) -> Generator[None]:
    """Tell failures in one line: 2 for wrong settings, 1 for failed work, 130 for Ctrl-C.

    Args:
        after_interrupt: What to do after Ctrl-C.
    """
    try:
        yield
    except ConfigError as error:
        _end(str(error), USAGE)
    except (RecordError, PolicyError, EvalError, RunError) as error:
        _end(str(error), FAILED)
    except BrokenPipeError:
        # The reader of our output has gone; Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(FAILED) from None
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _end(f"{place}{error.strerror or error}", FAILED)
    except KeyboardInterrupt:
        _end(f"interrupted; {after_interrupt}", INTERRUPTED)


def _end(message: str, code: int) -> None:
    typer.echo(f"rm-train: {' '.join(message.split())}", err=True)
    raise typer.Exit(code) from None
