"""`rm-data stats`: how balanced a questions file is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from rm_data.commands.arguments import QuestionsFile, progress
from rm_data.legibility_report import MapRead, legibility_table, read_maps
from rm_data.legibility_report import legibility as rows_of
from rm_data.stats import stats_of, stats_table
from rm_rewards import Question, RecordError
from rm_rewards.jsonl import read


def stats(
    questions: QuestionsFile,
    legibility: Annotated[
        int | None,
        typer.Option(min=1, help="Let RapidOCR read the names on this many of the maps."),
    ] = None,
) -> None:
    """Show answers, balance, and what is right without the map: by majority, by the text alone."""
    base = Path.cwd() if str(questions) == "-" else questions.absolute().parent
    pictures: dict[Path, None] = {}
    figures = stats_of(_noted(read(Question, questions), base, pictures))
    if not figures:
        raise RecordError("file", "no question", "at least one", where=str(questions))
    for line in stats_table(figures):
        typer.echo(line)
    if legibility is not None:
        for line in legibility_table(rows_of(_read(list(pictures), legibility, str(questions)))):
            typer.echo(line)


def _noted(
    questions: Iterable[Question], base: Path, pictures: dict[Path, None]
) -> Iterator[Question]:
    """The questions; their pictures that have their truth beside them are noted on the way."""
    for question in questions:
        if question.figure is not None:
            path = base / question.figure
            if path not in pictures and path.with_suffix(".truth.json").is_file():
                pictures[path] = None
        yield question


def _read(pictures: list[Path], sample: int, source: str) -> list[MapRead]:
    if not pictures:
        expected = "a picture with its .truth.json, as rm-data maps and render write them"
        raise RecordError("figure", None, expected, where=source)
    count = min(sample, len(pictures))
    chosen = [pictures[place * len(pictures) // count] for place in range(count)]
    reads: list[MapRead] = []
    with progress(count, "maps") as done:
        for path in chosen:
            reads += read_maps(path.parent.parent, [path])
            if done is not None:
                done(1)
    return reads
