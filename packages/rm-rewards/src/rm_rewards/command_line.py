"""A program of several commands whose every failure ends in one line: the shape of all `rm-*`.

Imported by the modules that define commands alone: it loads Typer, `import rm_rewards` does not.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Annotated, Any, Final

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from rm_rewards.records import RecordError

FAILED: Final = 1
"""Exit status of work that failed, or that found something wrong."""

USAGE: Final = 2
"""Exit status of a command that was called wrongly."""

_INTERRUPTED: Final = 130

_ACTING: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of what a terminal acts on and does not show."""


def program(
    name: str,
    description: str,
    *,
    errors: Mapping[type[Exception], int] | None = None,
    interrupted: str = "",
) -> typer.Typer:
    """A program without commands yet: add them with its decorator `command()`.

    It has `--help` and `--version`. What ends a command is told in one line on standard error,
    without a traceback: wrong options as `NAME COMMAND: ...; see NAME COMMAND --help` (exit 2),
    other failures as `NAME: ...`, Ctrl-C as `NAME: interrupted; ...` (130). A reader that has seen
    enough, as in `| head`, ends it silently (1).

    Args:
        name: The command and the installed distribution, which tells the version.
        description: One sentence for the help.
        errors: Errors besides `RecordError` and `OSError` (1) whose message is meant for the user,
            with their exit status.
        interrupted: What holds after Ctrl-C, unless `after_interrupt` says more.
    """
    statuses = {**(errors or {}), RecordError: FAILED, OSError: FAILED}
    made = typer.Typer(
        name=name,
        cls=_group(_Edge(name, statuses, interrupted)),
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    made.callback(invoke_without_command=True, help=description)(_main)
    return made


@contextmanager
def after_interrupt(text: str) -> Generator[None]:
    """Say what holds, or how to go on, should Ctrl-C end what runs inside."""
    try:
        yield
    except KeyboardInterrupt as error:
        error.args = error.args or (text,)
        raise


def printable(text: str) -> str:
    r"""The text with what a terminal would act on spelt out; ends of line and tabs stay.

    These are controls, among them the escape that begins ANSI sequences, marks that turn the
    direction of writing, and halves of letters.

    Example:
        >>> printable("\x1b[31mred\x07")
        '\\x1b[31mred\\x07'
    """
    if text.replace("\n", "").isprintable():
        return text
    return "".join(map(_shown, text))


def _shown(letter: str) -> str:
    if letter in "\n\t" or unicodedata.category(letter) not in _ACTING:
        return letter
    return letter.encode("unicode_escape").decode()


def _show_version(ctx: typer.Context, wanted: bool) -> None:
    if wanted:
        name = str(ctx.command.name)
        typer.echo(f"{name} {version(name)}")
        raise typer.Exit


def _main(
    ctx: typer.Context,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help(), err=True)
        raise typer.Exit(USAGE)


@dataclass(frozen=True, slots=True)
class _Edge:
    """Where errors become lines."""

    name: str
    statuses: Mapping[type[Exception], int] = field(repr=False)
    interrupted: str

    @contextmanager
    def around(self, command: Callable[[], str]) -> Generator[None]:
        try:
            yield
            sys.stdout.flush()
        except typer.TyperException as error:
            called = command()
            message = _told_of_usage(error).rstrip(".")
            raise _ended(f"{called}: {message}; see {called} --help", error.exit_code) from None
        except BrokenPipeError:
            _give_up_output()
            raise typer.Exit(FAILED) from None
        except KeyboardInterrupt as error:
            said = "; ".join(filter(None, ("interrupted", str(error) or self.interrupted)))
            raise _ended(f"{self.name}: {said}", _INTERRUPTED) from None
        except tuple(self.statuses) as error:
            _give_up_output()
            raise _ended(f"{self.name}: {_told(error)}", self._status(error)) from None

    def _status(self, error: Exception) -> int:
        return next(s for kind, s in self.statuses.items() if isinstance(error, kind))


def _told_of_usage(error: typer.TyperException) -> str:
    """As Typer words it; pydantic's part says what was found, as our own errors do."""
    if isinstance(error.__cause__, ValidationError):
        first = error.__cause__.errors()[0]
        said = first["msg"].removeprefix("Value error, ")
        expected = said.removeprefix("Input should be ")
        error.message = (
            said if said == expected else f"found {first['input']!r}, expected {expected}"
        )
    return error.format_message()


def _told(error: Exception) -> str:
    if not isinstance(error, OSError):
        return str(error)
    place = "" if error.filename is None else f"{error.filename}: "
    return f"{place}{error.strerror or error}"


def _ended(message: str, status: int) -> typer.Exit:
    typer.echo(printable(" ".join(message.split())), err=True)
    return typer.Exit(status)


def _give_up_output() -> None:
    """What cannot be written any more is dropped: Python would complain of it at the end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _group(edge: _Edge) -> type[TyperGroup]:
    """The group of commands inside that edge; Typer wants a class."""

    class Program(TyperGroup):
        def make_context(
            self,
            info_name: str | None,
            args: list[str],
            parent: Any = None,  # noqa: ANN401 - Typer keeps the type to itself
            **extra: object,
        ) -> Any:  # noqa: ANN401
            with edge.around(lambda: edge.name):
                return super().make_context(info_name, args, parent, **extra)

        def invoke(self, ctx: Any) -> object:  # noqa: ANN401
            with edge.around(lambda: " ".join(filter(None, (edge.name, ctx.invoked_subcommand)))):
                return super().invoke(ctx)

    return Program


__all__ = ["FAILED", "USAGE", "after_interrupt", "printable", "program"]
