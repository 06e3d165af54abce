from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner, Result

from rm_rewards import RecordError
from rm_rewards.command_line import USAGE, after_interrupt, program


class OwnError(ValueError):
    pass


ENDS = {
    "record": RecordError("answer", 7, "0 or 1", where="q.jsonl:3"),
    "file": FileNotFoundError(errno.ENOENT, "No such file or directory", "gone.jsonl"),
    "os": OSError("the picture is cut\noff"),
    "own": OwnError("two lines\n  of words"),
    "interrupt": KeyboardInterrupt(),
    "fault": ZeroDivisionError("a fault of the program"),
}
TALKER = """
import typer
from rm_rewards.command_line import program
app = program("rm-rewards", "Talks.")
@app.command()
def talk(): print("word\\n" * {words})
app()
"""


def made(interrupted: str = "") -> typer.Typer:
    app = program(
        "rm-rewards",
        "Ends in many ways.",
        errors={OwnError: USAGE},
        interrupted=interrupted,
    )

    @app.command()
    def end(  # pyright: ignore[reportUnusedFunction]
        way: str,
        times: Annotated[int, typer.Option(min=1)] = 1,
        note: Annotated[bool, typer.Option("--note")] = False,
    ) -> None:
        """End that way."""
        if way == "usage":
            raise typer.BadParameter(f"found {times}", param_hint=["--times"])
        if note:
            with after_interrupt("outer"), after_interrupt("inner"):
                raise ENDS[way]
        if way in ENDS:
            raise ENDS[way]
        typer.echo(way)

    return app


def called(*words: str, app: typer.Typer | None = None) -> Result:
    return CliRunner().invoke(app or made(), list(words))


@pytest.mark.parametrize(
    ("way", "status", "said"),
    [
        ("record", 1, "rm-rewards: q.jsonl:3: answer: found 7, expected 0 or 1"),
        ("file", 1, "rm-rewards: gone.jsonl: No such file or directory"),
        ("os", 1, "rm-rewards: the picture is cut off"),
        ("own", 2, "rm-rewards: two lines of words"),
        ("interrupt", 130, "rm-rewards: interrupted"),
    ],
)
def test_a_failure_ends_in_one_line_and_its_status(way: str, status: int, said: str) -> None:
    found = called("end", way)
    assert (found.exit_code, found.stdout, found.stderr) == (status, "", f"{said}\n")


def test_the_words_nearest_to_an_interrupt_are_said() -> None:
    app = made(interrupted="nothing was written")
    found = [called("end", "interrupt", *more, app=app).stderr for more in ([], ["--note"])]
    assert found == [
        "rm-rewards: interrupted; nothing was written\n",
        "rm-rewards: interrupted; inner\n",
    ]


def test_a_fault_of_the_program_is_not_hidden() -> None:
    assert isinstance(called("end", "fault").exception, ZeroDivisionError)


@pytest.mark.parametrize(
    ("words", "called_as", "named"),
    [
        (["end"], "rm-rewards end", "argument"),
        (["end", "usage"], "rm-rewards end", "'--times': found 1"),
        (["end", "x", "--times", "many"], "rm-rewards end", "'--times': found 'many', expected"),
        (["end", "x", "--times", "0"], "rm-rewards end", "'--times': found '0', expected"),
        (["end", "x", "--tims", "1"], "rm-rewards end", "--times"),
        (["end", "x", "more"], "rm-rewards end", "more"),
        (["start"], "rm-rewards", "'start'"),
        (["--loud", "end"], "rm-rewards", "--loud"),
    ],
)
def test_a_wrong_call_names_the_option_and_the_way_out(
    words: list[str], called_as: str, named: str
) -> None:
    found = called(*words)
    assert (found.exit_code, found.stdout) == (2, "")
    assert found.stderr.startswith(f"{called_as}: ")
    assert named in found.stderr
    assert found.stderr.endswith(f"; see {called_as} --help\n")
    assert found.stderr.count("\n") == 1


def test_help_and_version_go_to_standard_output() -> None:
    assert called("--version").stdout == "rm-rewards 0.1.0\n"
    told = called("--help")
    assert (told.exit_code, told.stderr) == (0, "")
    assert "Ends in many ways." in told.stdout
    assert "End that way." in told.stdout
    assert told.stdout.isascii()


def test_without_a_command_the_help_is_an_error() -> None:
    found = called()
    assert (found.exit_code, found.stdout, found.stderr) == (2, "", called("--help").stdout)


def test_a_command_that_does_well_is_left_alone() -> None:
    found = called("end", "well")
    assert (found.exit_code, found.stdout, found.stderr) == (0, "well\n", "")


@pytest.mark.parametrize("words", [1, 100_000])
def test_a_reader_that_stops_early_ends_it_silently(words: int) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as output:
        ran = subprocess.run(
            [sys.executable, "-c", TALKER.format(words=words), "talk"],
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (ran.returncode, ran.stderr) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("words", [1, 100_000])
def test_an_output_that_is_full_is_told_once(words: int) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as output:
        ran = subprocess.run(
            [sys.executable, "-c", TALKER.format(words=words), "talk"],
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (ran.returncode, ran.stderr) == (1, "rm-rewards: No space left on device\n")


def test_a_signal_while_a_command_works_is_told() -> None:
    work = "import time\n    print('begun', flush=True)\n    time.sleep(60)"
    text = TALKER.format(words=1).replace('print("word\\n" * 1)', f"\n    {work}")
    with subprocess.Popen(
        [sys.executable, "-c", text, "talk"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (130, "rm-rewards: interrupted\n")
