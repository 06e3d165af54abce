"""`rm-data validate`: what is wrong in network files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rm_data.commands.arguments import Networks
from rm_data.findings import CODES
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
        findings = findings_of(file)
        confirms = _confirms(file, known) if findings else ()
        for finding in findings:
            if any(fix.covers(finding.code, finding.line, finding.station) for fix in confirms):
                confirmed += 1
            else:
                found += 1
                typer.echo(str(finding))
    more = f", {confirmed} confirmed by {fixes}" if confirmed else ""
    typer.echo(f"{len(files)} files, {found} findings{more}", err=True)
    if found:
        raise typer.Exit(FAILED)


def _confirms(file: Path, fixes: Fixes) -> tuple[Confirm, ...]:
    """What the fixes confirm of the network in a file, which is read if they confirm anything."""
    if not any(isinstance(placed.fix, Confirm) for placed in fixes.placed):
        return ()
    placed = fixes.of("/".join(read_file(file).place))
    return tuple(found.fix for found in placed if isinstance(found.fix, Confirm))
