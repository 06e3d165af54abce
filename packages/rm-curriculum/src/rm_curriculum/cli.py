"""The command line of rm-curriculum: the order of a run, as a file or as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer

from rm_curriculum.cli_errors import one_line_errors
from rm_curriculum.curriculum import Curriculum
from rm_curriculum.errors import CurriculumError
from rm_curriculum.schedules import SCHEDULES
from rm_rewards import RecordError, jsonl

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Which question to ask next: the order of a training run.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """What a line of a questions file must hold to be scheduled."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = {"strict": True}

    id: str
    type: str


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"rm-curriculum {version('rm-curriculum')}")
        raise typer.Exit


@app.callback()
def main(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and end."
        ),
    ] = False,
) -> None:
    """Which question to ask next: the order of a training run."""


Questions = Annotated[Path, typer.Argument(help="Questions, one JSON object a line; - for stdin.")]
ScheduleName = Annotated[str, typer.Option(help=f"One of: {', '.join(SCHEDULES)}.")]
Seed = Annotated[int, typer.Option(help="Decides the order inside each stage.")]
BatchSize = Annotated[int, typer.Option(min=1, help="Questions a batch; RewardMap trains with 16.")]
Epochs = Annotated[int, typer.Option(min=1, help="How often to go through the whole schedule.")]


@app.command()
@one_line_errors
def plan(
    questions: Questions,
    out: Annotated[Path, typer.Option(help="Where the plan goes, a batch a line; - for stdout.")],
    schedule: ScheduleName = "rewardmap",
    seed: Seed = 0,
    batch: BatchSize = 16,
    epochs: Epochs = 1,
) -> None:
    """Write the batches of a run, for a trainer that is told not to shuffle.

    Each line is {"batch", "stage", "epoch", "ids"}. No batch mixes stages; none is dropped.
    """
    curriculum = _read(questions, schedule, seed, epochs)
    count = jsonl.write(curriculum.batches(batch), out)
    typer.echo(f"{out}: {count} batches", err=True)


@app.command()
@one_line_errors
def show(
    questions: Questions,
    schedule: ScheduleName = "rewardmap",
    seed: Seed = 0,
    batch: BatchSize = 16,
    epochs: Epochs = 1,
) -> None:
    """Show the stages of a run: which types, how many questions, how many batches."""
    curriculum = _read(questions, schedule, seed, epochs)
    batches = Counter(made.stage for made in curriculum.batches(batch))
    rows = [("stage", "questions", "batches", "types")]
    for stage in curriculum.stages:
        types = ", ".join(SCHEDULES[schedule].types_of(stage)) or "all"
        rows.append((stage, str(len(curriculum.members(stage))), str(batches[stage]), types))
    total = sum(len(curriculum.members(stage)) for stage in curriculum.stages)
    rows.append(("total", str(total), str(batches.total()), f"{epochs} x through"))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    for name, count, made, types in rows:
        typer.echo(
            f"{name:<{widths[0]}}  {count:>{widths[1]}}  {made:>{widths[2]}}  {types}".rstrip()
        )


def _read(path: Path, schedule: str, seed: int, epochs: int) -> Curriculum:
    places: dict[str, str] = {}
    rows: list[_Row] = []
    for where, line in jsonl.lines(path):
        row = jsonl.parse(_Row, line, where)
        if row.id in places:
            raise RecordError(
                "id", row.id, f"each id once (first at {places[row.id]})", where=where
            )
        places[row.id] = where
        rows.append(row)
    try:
        return Curriculum(rows, schedule, seed, epochs=epochs)
    except CurriculumError as error:
        where = places.get(error.item or "", str(path))
        raise CurriculumError(f"{where}: {error}") from None
