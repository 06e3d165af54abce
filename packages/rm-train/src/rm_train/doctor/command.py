"""`rm-train doctor`: all that is found about a run, without beginning it."""

# ruff: noqa: PLC0415 - what imports torch is imported when the command runs

from __future__ import annotations

from collections.abc import Callable
from json import dumps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import typer

from rm_rewards.command_line import FAILED, after_interrupt
from rm_train.config import TrainConfig
from rm_train.options import more_option, with_run_options

Chosen: TypeAlias = Callable[[Path | None, str | None, dict[str, object]], TrainConfig]
"""The configuration that the command line means."""


def doctor_command(chosen_config: Chosen) -> Callable[..., None]:
    """The command, with the options of a run."""

    def doctor(
        file: Path | None, preset: str | None, given: dict[str, object], *, json: bool
    ) -> None:
        """Look for what is wrong with a run, before its first step; nothing is written.

        Takes the same settings as `run`. Ends with 1 if there is an error, with which `run` would
        refuse to begin.
        """
        with after_interrupt("nothing was begun"):
            _examined(chosen_config(file, preset, given), as_json=json)

    text = "Print the findings as one JSON object: `ok`, `counts` and `findings`."
    return with_run_options(doctor, [more_option("json", bool, False, text)])


def _examined(config: TrainConfig, *, as_json: bool) -> None:
    from rm_train.doctor.case import case_of
    from rm_train.doctor.examination import examine
    from rm_train.doctor.finding import errors_in, gravest_first
    from rm_train.doctor.verdict import counted
    from rm_train.quiet import quiet_libraries

    with TemporaryDirectory() as scratch, quiet_libraries():
        findings = gravest_first(list(examine(case_of(config, Path(scratch)))))
    refused = bool(errors_in(findings))
    if as_json:
        records = [finding.record() for finding in findings]
        said = {"ok": not refused, "counts": counted(findings), "findings": records}
        typer.echo(dumps(said, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            typer.echo(finding.line())
        typer.echo(counted(findings))
    if refused:
        raise typer.Exit(FAILED)
