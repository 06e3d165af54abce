"""`rm-train doctor`: all that is found about a run, without beginning it."""

# ruff: noqa: PLC0415 - what imports torch is imported when the command runs

from __future__ import annotations

import inspect
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, cast

import typer

from rm_rewards.command_line import FAILED, after_interrupt
from rm_train.config import TrainConfig
from rm_train.options import with_run_options

_JSON = typer.Option("--json", help="Print the findings as JSON: `ok`, `counts`, `findings`.")


def doctor(*, as_json: bool, **given: object) -> None:
    """Look for what is wrong with a run, before its first step; nothing is written.

    Takes the same settings as `run`. Ends with 1 if an error was found, with which `run` would
    refuse to begin.
    """

    def command(file: Path | None, preset: str | None, chosen: dict[str, object]) -> None:
        from rm_train.cli import chosen_config

        with after_interrupt("nothing was begun"):
            _examined(chosen_config(file, preset, chosen), as_json=as_json)

    with_run_options(command)(**given)


def _with_signature() -> None:
    """The options of a run and `--json`, as Typer reads them."""
    options = inspect.signature(with_run_options(lambda _file, _preset, _chosen: None))
    kind = inspect.Parameter.KEYWORD_ONLY
    flag = inspect.Parameter("as_json", kind, default=False, annotation=Annotated[bool, _JSON])
    parameters = [*options.parameters.values(), flag]
    annotations = {parameter.name: parameter.annotation for parameter in parameters}
    doctor.__annotations__ = {**annotations, "return": None}
    cast("Any", doctor).__signature__ = inspect.Signature(parameters)


_with_signature()


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
        typer.echo(json.dumps(said, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            typer.echo(finding.line())
        typer.echo(counted(findings))
    if refused:
        raise typer.Exit(FAILED)
