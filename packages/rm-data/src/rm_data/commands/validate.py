"""`rm-data validate`: what is wrong in network files."""

from __future__ import annotations

import typer

from rm_data.commands.arguments import Networks
from rm_data.findings import validate as findings_of
from rm_data.networks import find_networks
from rm_rewards.command_line import FAILED


def validate(paths: Networks) -> None:
    """Report what is wrong or doubtful in network files.

    Not detectable: a loop stored without its closing edge, a branch glued to a list without a mark,
    and lists that differ from the picture.
    """
    files = find_networks(paths)
    found = 0
    for file in files:
        for finding in findings_of(file):
            found += 1
            typer.echo(str(finding))
    typer.echo(f"{len(files)} files, {found} findings", err=True)
    if found:
        raise typer.Exit(FAILED)
