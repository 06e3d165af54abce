"""The command line of rm-data."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rm_data.cli_values import per_map_value, range_value, types_value
from rm_data.findings import validate as findings_of
from rm_data.map_files import MIX, MapOrder, make_maps
from rm_data.networks import find_networks, read_all
from rm_data.page import write_page
from rm_data.question_files import (
    AskOrder,
    split_paths,
    with_pictures,
    write_questions,
    write_split,
)
from rm_data.reasonmap import LICENCE, import_lists
from rm_data.sheet import Shortfall
from rm_data.stats import stats_of, stats_table
from rm_data.synthetic import STYLES
from rm_rewards import Question, RecordError
from rm_rewards.command_line import FAILED, program
from rm_rewards.jsonl import read

app = program(
    "rm-data",
    "Transit maps, real and synthetic, to pictures and questions with exact truth.",
    interrupted="nothing was left half-written",
)

Networks = Annotated[
    list[Path],
    typer.Argument(metavar="PATH", help="Network files, or folders of <country>/<city>.json."),
]
QuestionsFile = Annotated[
    Path, typer.Argument(metavar="QUESTIONS", help="A questions file; - is standard input.")
]
Seed = Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")]


class Split(StrEnum):
    """By what to split into train and test."""

    city = "city"


class Origin(StrEnum):
    """What can be imported."""

    reasonmap = "reasonmap"


@app.command("maps")
def maps(
    out: Annotated[Path, typer.Option(help="A new folder for <country>/<city>.json and .png.")],
    count: Annotated[int, typer.Option(min=1, help="How many maps.")],
    seed: Seed = 0,
    lines: Annotated[str | None, typer.Option(help="Lines of a map: 3, or 2-4.")] = None,
    size: Annotated[int | None, typer.Option(min=1, help="Side of a picture in pixels.")] = None,
    style: Annotated[str, typer.Option(help="A style, or mix for all of them.")] = "mix",
    workers: Annotated[int, typer.Option(min=1, help="Processes at the same time.")] = 1,
) -> None:
    """Make synthetic networks and their pictures."""
    span = range_value(lines, "--lines")
    if style != MIX and style not in STYLES:
        message = f"found {style!r}, expected one of {', '.join(STYLES)}, or {MIX}"
        raise typer.BadParameter(message, param_hint=["--style"])
    order = MapOrder(count=count, seed=seed, style=style, lines=span, size=size)
    with _progress(count, "maps") as done:
        try:
            made = make_maps(order, out, workers=workers, done=done)
        except RecordError:
            raise
        except ValueError as error:  # lines or size that a style cannot hold
            raise typer.BadParameter(str(error)) from None
    typer.echo(f"{out}: {made} maps", err=True)


@app.command("import")
def import_(
    origin: Annotated[Origin, typer.Argument(metavar="FORM", help="The form of SRC: reasonmap.")],
    src: Annotated[
        Path, typer.Argument(metavar="SRC", help="Station lists: a file, or a folder of them.")
    ],
    out: Annotated[Path, typer.Option(help="A new folder for <country>/<city>.json.")],
    licence: Annotated[str, typer.Option(help="Written into each network.")] = LICENCE,
) -> None:
    """Write published station lists as network files, without the edges that do not exist."""
    del origin
    made = import_lists(src, out, licence=licence)
    typer.echo(f"{out}: {made} networks", err=True)


@app.command("questions")
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
    with _progress(len(files), "questions") as done:
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


@app.command("validate")
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


@app.command("stats")
def stats(questions: QuestionsFile) -> None:
    """Show answers, balance and the majority baseline of each type."""
    figures = stats_of(read(Question, questions))
    if not figures:
        raise RecordError("file", "no question", "at least one", where=str(questions))
    for line in stats_table(figures):
        typer.echo(line)


@app.command("show")
def show(
    questions: QuestionsFile,
    out: Annotated[Path, typer.Option(help="The HTML page to write.")],
) -> None:
    """Write a page with the pictures, the questions and their answers."""
    base = Path.cwd() if str(questions) == "-" else questions.absolute().parent
    made = write_page(read(Question, questions), out, base=base, source=str(questions))
    typer.echo(f"{out}: {made} questions", err=True)


@contextmanager
def _progress(total: int, label: str) -> Generator[Callable[[int], object] | None]:
    """A bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    with typer.progressbar(length=total, label=label, file=sys.stderr) as bar:
        yield bar.update
