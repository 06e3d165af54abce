"""The edge of the command line: every failure ends in one line on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import typer

from rm_rewards.records import RecordError

FAILED: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130


@contextmanager
def failures() -> Generator[None]:
    """Turn an error inside into one line on standard error and an exit status.

    Raises:
        typer.Exit: With 1 for a record or a file that cannot be used, 130 after Ctrl-C.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough, as in `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(FAILED) from None
    except RecordError as error:
        raise _ended(str(error), FAILED) from None
    except OSError as error:
        place = "" if error.filename is None else f"{error.filename}: "
        raise _ended(f"{place}{error.strerror or error}", FAILED) from None
    except KeyboardInterrupt:
        raise _ended("interrupted", INTERRUPTED) from None


def _ended(message: str, status: int) -> typer.Exit:
    typer.echo(f"rm-rewards: {' '.join(message.split())}", err=True)
    return typer.Exit(status)


def usage_error(message: str) -> typer.Exit:
    """One line on standard error; the command was called wrongly."""
    return _ended(message, USAGE)
