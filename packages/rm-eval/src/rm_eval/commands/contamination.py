"""`contamination`: what a test set shares with a training set."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final, Literal, get_args

import typer

from rm_eval.contamination import Contamination, check_contamination
from rm_eval.contamination.check import Kind
from rm_rewards.command_line import FAILED, printable

_SAID: Final[dict[Kind, str]] = {
    "picture": "pictures that look the same (share of equal hash bits)",
    "map": "maps of the same city",
    "stations": "networks of nearly the same station names (share of the names)",
    "question": "questions of the same words about the same city",
    "words": "questions worded alike beyond their template (share of the telling n-grams)",
}


def contamination_command(
    training: Annotated[Path, typer.Argument(metavar="TRAIN", help="Questions trained on.")],
    test: Annotated[Path, typer.Argument(metavar="TEST", help="Questions to be tested on.")],
    pictures: Annotated[
        bool, typer.Option("--pictures/--no-pictures", help="Open and compare the pictures.")
    ] = True,
    bits: Annotated[
        int, typer.Option(min=0, max=255, help="Of 255 hash bits, how many may differ.")
    ] = 26,
    names: Annotated[
        float, typer.Option(min=0.01, max=1, help="Share of station names two networks share.")
    ] = 0.5,
    words: Annotated[
        float, typer.Option(min=0.01, max=1, help="Share of a question's telling n-grams.")
    ] = 0.5,
    n: Annotated[int, typer.Option("--n", min=1, help="Words in an n-gram.")] = 8,
    most: Annotated[int, typer.Option(min=0, help="Show so many findings of a kind.")] = 20,
    form: Annotated[
        Literal["markdown", "json"], typer.Option("--format", help="What goes to stdout.")
    ] = "markdown",
) -> None:
    """Look for the pictures, maps and questions of TEST in TRAIN. Exit 1 if there are any."""
    found = check_contamination(
        training, test, pictures=pictures, bits=bits, names=names, words=words, n=n
    )
    if form == "json":
        typer.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    else:
        typer.echo(printable("\n".join(_told(found, most))))
    if found.leaks:
        raise typer.Exit(FAILED)


def _told(found: Contamination, most: int) -> Iterator[str]:
    yield (
        f"{found.touched} of {found.questions} questions of {found.test} are touched by "
        f"{found.training}"
    )
    for kind in get_args(Kind):
        leaks = found.of_kind(kind)
        if not leaks:
            continue
        yield f"- {len(leaks)} {_SAID[kind]}"
        for leak in leaks[:most]:
            measure = "" if kind in ("map", "question") else f" ({leak.measure:.3f})"
            yield f"  - {leak.test} = {leak.training}{measure}; {leak.questions} questions"
        if len(leaks) > most:
            yield f"  - and {len(leaks) - most} more"
