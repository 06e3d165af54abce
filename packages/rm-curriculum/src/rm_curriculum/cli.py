"""The command line of rm-curriculum: the order of a run, as a file or as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer

from rm_curriculum.curriculum import Curriculum
from rm_curriculum.errors import CurriculumError
from rm_curriculum.schedules import SCHEDULES
from rm_rewards import jsonl
from rm_rewards.command_line import FAILED, program

app = program(
    "rm-curriculum",
    "Which question to ask next: the order of a training run.",
    errors={CurriculumError: FAILED},
    interrupted="nothing was written",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """What a line of a questions file must hold to be scheduled."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = {"strict": True}

    id: str
    type: str


def _known_schedule(name: str) -> str:
    if name not in SCHEDULES:
        raise typer.BadParameter(f"found {name!r}, expected one of {', '.join(SCHEDULES)}")
    return name


Questions = Annotated[
    Path, typer.Argument(metavar="QUESTIONS", help="A questions file; - is standard input.")
]
ScheduleName = Annotated[
    str, typer.Option(callback=_known_schedule, help=f"One of {', '.join(SCHEDULES)}.")
]
Seed = Annotated[int, typer.Option(help="Decides the order inside each stage.")]
BatchSize = Annotated[int, typer.Option(min=1, help="Questions a batch; RewardMap trains with 16.")]
Epochs = Annotated[int, typer.Option(min=1, help="How often to go through the whole schedule.")]


@app.command()
def plan(
    questions: Questions,
    out: Annotated[
        Path, typer.Option(help="Where the plan goes, a batch a line; - is standard output.")
    ],
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
    read = jsonl.read_by_id(_Row, path)
    try:
        return Curriculum([row for _, row in read.values()], schedule, seed, epochs=epochs)
    except CurriculumError as error:
        where = read[error.item][0] if error.item in read else path
        raise CurriculumError(f"{where}: {error}") from None
