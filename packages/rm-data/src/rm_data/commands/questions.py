"""`rm-data questions`: ask about networks."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rm_data.cli_values import per_map_value, range_value, types_value
from rm_data.commands.arguments import Networks, Seed, progress
from rm_data.networks import read_all
from rm_data.question_files import (
    AskOrder,
    split_paths,
    with_pictures,
    write_questions,
    write_split,
)
from rm_data.sheet import Shortfall


class Split(StrEnum):
    """By what to split into train and test."""

    city = "city"


def questions(
    paths: Networks,
    out: Annotated[Path, typer.Option(help="The questions file; - is standard output.")],
    types: Annotated[str, typer.Option(help="all, or some, with commas.")] = "all",
    seed: Seed = 0,
    maps: Annotated[
        Path | None,
        typer.Option(help="Folder of the pictures <country>/<city>.png; each must be there."),
    ] = None,
    per_map: Annotated[
        str | None, typer.Option(help="Questions of a map: 10, or TorF1=4,planning=6.")
    ] = None,
    transfers: Annotated[
        str | None, typer.Option(help="Transfers of the planning questions: 1, or 0-2.")
    ] = None,
    split: Annotated[
        Split | None, typer.Option(help="Write OUT's .train.jsonl and .test.jsonl instead.")
    ] = None,
    test_share: Annotated[
        float, typer.Option(min=0, max=1, help="With --split: share of the cities for test.")
    ] = 0.2,
) -> None:
    """Ask questions about networks; the truth comes from their graphs."""
    order = AskOrder(
        types=types_value(types),
        seed=seed,
        per_map=per_map_value(per_map),
        transfers=range_value(transfers, "--transfers"),
    )
    if split is not None and str(out) == "-":
        raise typer.BadParameter("a split has two files: give a file", param_hint=["--out"])
    files = with_pictures(read_all(paths), maps)
    short: list[Shortfall] = []
    with progress(len(files), "questions") as done:
        if split is None:
            written = write_questions(files, order, out, report=short.append, done=done)
            made = [f"{out}: {written} questions"]
        else:
            counts = write_split(
                files, order, out, test_share=test_share, report=short.append, done=done
            )
            pairs = zip(split_paths(out), counts, strict=True)
            made = [f"{path}: {count} questions" for path, count in pairs]
    for line in [*made, *_missing(short)]:
        typer.echo(line, err=True)


def _missing(short: list[Shortfall]) -> list[str]:
    """What the maps could not give, summed over the maps."""
    kinds = dict.fromkeys((s.type, s.difficulty) for s in short)
    lines: list[str] = []
    for kind in kinds:
        of_kind = [s for s in short if (s.type, s.difficulty) == kind]
        made, wanted = sum(s.made for s in of_kind), sum(s.wanted for s in of_kind)
        name = " ".join(filter(None, kind))
        cities = ", ".join(s.city for s in of_kind[:3]) + (", ..." if len(of_kind) > 3 else "")
        lines.append(f"short: {name}: {made} of {wanted} ({len(of_kind)} of the maps: {cities})")
    return lines
