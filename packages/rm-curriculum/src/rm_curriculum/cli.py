"""The command line of rm-curriculum: the order of a run, and what comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rm_curriculum.adapters.planned_order import read_order
from rm_curriculum.adapters.rows_file import PARQUET, Rows, read_rows, write_records, write_rows
from rm_curriculum.adapters.static_plan import batches, cut, findings, stages_of
from rm_curriculum.curriculum import Curriculum
from rm_curriculum.errors import CurriculumError
from rm_curriculum.plan import Batch
from rm_curriculum.schedules import SCHEDULES, Schedule, find_schedule
from rm_curriculum.simulation.command import simulate
from rm_curriculum.simulation.learner import Learner
from rm_curriculum.simulation.trial import Budget, Lesson
from rm_curriculum.timeline import table, timeline
from rm_rewards import jsonl
from rm_rewards.command_line import FAILED, program

app = program(
    "rm-curriculum",
    "Which question to ask next: the order of a training run.",
    errors={CurriculumError: FAILED},
    interrupted="nothing was written",
)
app.command()(simulate)


def _known_schedule(text: str) -> str:
    try:
        find_schedule(text)
    except CurriculumError as error:
        raise typer.BadParameter(str(error).removeprefix("schedule: ")) from None
    return text


Questions = Annotated[
    Path,
    typer.Argument(
        metavar="QUESTIONS",
        help="Rows with id and type: JSON lines, or a .parquet file; - is standard input.",
    ),
]
ScheduleName = Annotated[
    str,
    typer.Option(
        callback=_known_schedule,
        help=f"One of {', '.join(SCHEDULES)}; options behind a colon, as in replay:floor=0.2.",
    ),
]
Seed = Annotated[int, typer.Option(help="Decides the order inside each stage.")]
BatchSize = Annotated[int, typer.Option(min=1, help="Questions a batch; RewardMap trains with 16.")]
Epochs = Annotated[int, typer.Option(min=1, help="How often to go through the whole schedule.")]

Order = Annotated[
    Path,
    typer.Option(
        help="Where the plan goes: JSON lines, or .parquet by its name; - is standard output."
    ),
]
AsRows = Annotated[
    bool,
    typer.Option("--rows", help="Write the rows of QUESTIONS in their order, not the batches."),
]
Fill = Annotated[
    bool, typer.Option("--fill", help="Fill short batches up with questions of the same stage.")
]
AsIs = Annotated[
    bool,
    typer.Option(
        "--as-is", help="With --rows: write also what a trainer will mix or drop, and say so."
    ),
]


@app.command()
def plan(
    questions: Questions,
    out: Order,
    schedule: ScheduleName = "rewardmap",
    seed: Seed = 0,
    batch: BatchSize = 16,
    epochs: Epochs = 1,
    rows: AsRows = False,
    fill: Fill = False,
    as_is: AsIs = False,
) -> None:
    """Write the batches of a run, for a trainer that is told not to shuffle.

    Each line is {"batch", "stage", "epoch", "ids"}. No batch mixes stages; none is dropped. With
    --rows the dataset itself is written in that order, checked against a trainer that takes BATCH
    rows a step and drops what is left over.
    """
    source = read_rows(questions)
    curriculum = _curriculum(source, find_schedule(schedule), seed, epochs)
    made = batches(curriculum, batch, fill=fill)
    if rows:
        _write_rows(source, list(made), batch, out, as_is=as_is)
        return
    if out.suffix == PARQUET:
        count = write_records([_record(one) for one in made], out)
    else:
        count = jsonl.write(made, out)
    typer.echo(f"{out}: {count} batches", err=True)


@app.command()
def check(
    order: Annotated[
        Path, typer.Argument(metavar="FILE", help="A plan, or a dataset in its order.")
    ],
    batch: BatchSize = 16,
    drop_last: Annotated[
        bool, typer.Option(help="Whether the trainer drops a last step that is not full.")
    ] = True,
    schedule: Annotated[
        str,
        typer.Option(callback=_known_schedule, help="Of a dataset: tells the stages of its rows."),
    ] = "rewardmap",
) -> None:
    """Check an order against a trainer that takes BATCH rows a step, in the order of the file.

    Tells which steps would mix stages and what would be dropped at the end; exit 1 if any.
    """
    stages = read_order(order, find_schedule(schedule))
    found = findings(stages, batch, drop_last=drop_last)
    for line in found:
        typer.echo(f"{order}: {line}")
    if found:
        raise typer.Exit(FAILED)
    made = cut(stages, batch, drop_last=drop_last)
    last = f"; the last one has {made.short}" if made.short else ""
    typer.echo(f"{order}: {made.steps} steps of {batch}, each of one stage; none dropped{last}")


@app.command()
def show(
    questions: Questions,
    schedule: ScheduleName = "rewardmap",
    seed: Seed = 0,
    batch: BatchSize = 16,
    epochs: Epochs = 1,
) -> None:
    """Show what is asked when: which batches hold which stage, and how many of which types.

    A schedule that reacts to rewards is shown as a synthetic learner would meet it.
    """
    source, chosen = read_rows(questions), find_schedule(schedule)
    curriculum = _curriculum(source, chosen, seed, epochs)
    made = curriculum.batches(batch)
    if chosen.reactive:
        typer.echo(f"{chosen.name} reacts to rewards; this is what a synthetic learner is asked:")
        budget = Budget(epochs=epochs, batch=batch)
        made = Lesson(source.rows, chosen, seed, learner=Learner(), budget=budget)
    spans = timeline(made, {row.id: row.type for row in source.rows})
    for line in table(spans):
        typer.echo(line)
    total, count = sum(span.questions for span in spans), spans[-1].last + 1
    typer.echo(f"{total} questions in {count} batches, {epochs} x through")


def _curriculum(source: Rows, schedule: Schedule, seed: int, epochs: int) -> Curriculum:
    try:
        return Curriculum(source.once(), schedule, seed, epochs=epochs)
    except CurriculumError as error:
        raise CurriculumError(f"{source.where(error.item)}: {error}") from None


def _write_rows(source: Rows, made: list[Batch], batch: int, out: Path, *, as_is: bool) -> None:
    stages = stages_of(made)
    found = findings(stages, batch, drop_last=True)
    if found and not as_is:
        raise CurriculumError(
            f"{out}: not written, for a trainer that takes {batch} rows a step: "
            f"{'; '.join(found)}. Add --fill to fill every batch with questions of its stage, or "
            "--as-is to write it all the same"
        )
    count = write_rows(source, (one for each in made for one in each.ids), out)
    repeated = count - len({one for each in made for one in each.ids})
    more = f", {repeated} of them repeats" if repeated else ""
    typer.echo(f"{out}: {count} rows{more}, {-(-count // batch)} steps of {batch}", err=True)
    for line in found:
        typer.echo(f"{out}: {line}", err=True)


def _record(made: Batch) -> dict[str, object]:
    return {"batch": made.batch, "stage": made.stage, "epoch": made.epoch, "ids": list(made.ids)}
