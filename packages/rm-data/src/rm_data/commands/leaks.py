"""`rm-data leaks`: what a test shares with its training."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from rm_data.leaks import CODES
from rm_data.leaks import leaks as leaks_of
from rm_rewards import RecordError
from rm_rewards.command_line import FAILED


def leaks(
    train: Annotated[Path, typer.Argument(metavar="TRAIN", help="The questions to learn from.")],
    test: Annotated[
        list[Path], typer.Argument(metavar="TEST", help="The questions to be tested with.")
    ],
    allow: Annotated[
        str,
        typer.Option(help=f"Codes that are no finding, with commas: {', '.join(CODES)}."),
    ] = "",
    most_names: Annotated[
        float,
        typer.Option(min=0, max=1, help="Share of a map's station names that may be known."),
    ] = 0.2,
    show: Annotated[int, typer.Option(min=0, help="Findings of each code to print.")] = 10,
) -> None:
    """Look for what the test shares with the training; exit code 1 if there is anything.

    Maps: the same city, picture, shape of the network, or many station names. Questions: about the
    same pair of stations, in whichever order, or about the same names on another map.
    """
    codes = [code.strip() for code in allow.split(",") if code.strip()]
    if unknown := [code for code in codes if code not in CODES]:
        message = f"found {unknown[0]!r}, expected some of {', '.join(CODES)}"
        raise typer.BadParameter(message, param_hint=["--allow"])
    if "-" in {str(train), *map(str, test)}:
        raise RecordError("TRAIN, TEST", "-", "files: pictures and networks are found beside them")
    counts: Counter[str] = Counter()
    for leak in leaks_of([train], test, most_names=most_names, allow=codes):
        counts[leak.code] += 1
        if counts[leak.code] <= show:
            typer.echo(str(leak))
    told = ", ".join(f"{code} {counts[code]}" for code in CODES if counts[code])
    typer.echo(f"{counts.total()} findings{': ' if told else ''}{told}", err=True)
    if counts:
        raise typer.Exit(FAILED)
