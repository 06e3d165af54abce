"""`rm-data validate`: what is wrong in network files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rm_data.commands.arguments import Networks
from rm_data.findings import CODES, Finding
from rm_data.findings import validate as findings_of
from rm_data.importing.fixes import SHIPPED, Confirm, Fixes, read_fixes
from rm_data.networks import find_networks, read_file
from rm_rewards.command_line import FAILED


def _show_codes(wanted: bool) -> None:
    if wanted:
        for code, meaning in CODES.items():
            typer.echo(f"{code:<16} {meaning}")
        raise typer.Exit


def validate(
    paths: Networks,
    fixes: Annotated[
        str, typer.Option(help="A TOML file of fixes: what it confirms is not reported; or none.")
    ] = SHIPPED,
    _codes: Annotated[
        bool,
        typer.Option("--codes", callback=_show_codes, is_eager=True, help="Show what is found."),
    ] = False,
) -> None:
    """Report what is wrong or doubtful in network files, and end with 1 if there is anything.

    Not detectable: lists that differ from the picture, and a loop or branch that neither another
    line nor a position gives away.
    """
    known = read_fixes(fixes)
    files = find_networks(paths)
    found = confirmed = 0
    for file in files:
        for finding in findings_of(file):
            if _confirmed(finding, file, known):
                confirmed += 1
            else:
                found += 1
                typer.echo(str(finding))
    more = f", {confirmed} confirmed by {fixes}" if confirmed else ""
    typer.echo(f"{len(files)} files, {found} findings{more}", err=True)
    if found:
        raise typer.Exit(FAILED)


def _confirmed(finding: Finding, file: Path, fixes: Fixes) -> bool:
    if not any(isinstance(placed.fix, Confirm) for placed in fixes.placed):
        return False
    place = "/".join(read_file(file).place)
    return any(
        isinstance(placed.fix, Confirm)
        and placed.fix.covers(finding.code, finding.line, finding.station)
        for placed in fixes.of(place)
    )
