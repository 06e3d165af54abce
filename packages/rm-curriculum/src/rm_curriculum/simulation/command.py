"""`rm-curriculum simulate`: schedules against each other on a synthetic learner."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from rm_curriculum.adapters.row_fields import QuestionRow
from rm_curriculum.adapters.rows_file import read_rows, write_bytes
from rm_curriculum.errors import CurriculumError
from rm_curriculum.schedules import SCHEDULES, find_schedule
from rm_curriculum.simulation.comparison import BASELINES, Comparison, compare
from rm_curriculum.simulation.course import synthetic
from rm_curriculum.simulation.learner import Learner
from rm_curriculum.simulation.page import NOTE, page
from rm_curriculum.simulation.picture import picture
from rm_curriculum.simulation.record import record
from rm_curriculum.simulation.summary import summary
from rm_curriculum.simulation.trial import Budget

_DEFAULT = Learner()


def _known_schedules(texts: list[str] | None) -> list[str]:
    for text in texts or []:
        try:
            find_schedule(text)
        except CurriculumError as error:
            raise typer.BadParameter(str(error).removeprefix("schedule: ")) from None
    return texts or []


Questions = Annotated[
    Path | None,
    typer.Argument(
        metavar="[QUESTIONS]",
        help="Your questions; without them 3,266 in the mix of the published training data.",
    ),
]
Schedules = Annotated[
    list[str] | None,
    typer.Option(
        callback=_known_schedules,
        help="One to compare, as often as you like, with options as in gated:threshold=0.6; "
        f"without it all of them. {' and '.join(BASELINES)} are always there.",
    ),
]
Seeds = Annotated[int, typer.Option(min=1, help="How many learners each schedule meets.")]
Seed = Annotated[int, typer.Option(help="The first learner's seed.")]
BatchSize = Annotated[int, typer.Option(min=1, help="Questions a batch.")]
Epochs = Annotated[int, typer.Option(min=1, help="How often so many questions are asked.")]
Replies = Annotated[int, typer.Option(help="Replies a question.")]
Rate = Annotated[float, typer.Option(help="How fast practice moves a skill.")]
Transfer = Annotated[
    float, typer.Option(help="Part of an ability that comes from skills below it, 0 to 1.")
]
Forgetting = Annotated[
    float, typer.Option(help="Share of what was learnt that a batch on other skills undoes.")
]
Page = Annotated[Path | None, typer.Option(help="A page with tables and curves.")]
Picture = Annotated[Path | None, typer.Option(help="A picture of the curves; needs matplotlib.")]
Figures = Annotated[Path | None, typer.Option(help="All figures as JSON; - for stdout.")]


def simulate(
    questions: Questions = None,
    schedule: Schedules = None,
    seeds: Seeds = 10,
    seed: Seed = 0,
    batch: BatchSize = 16,
    epochs: Epochs = 1,
    group: Replies = _DEFAULT.group,
    rate: Rate = _DEFAULT.rate,
    transfer: Transfer = _DEFAULT.transfer,
    forgetting: Forgetting = _DEFAULT.forgetting,
    html: Page = None,
    png: Picture = None,
    out: Figures = None,
) -> None:
    """Compare schedules on a synthetic learner, before a GPU is spent on one.

    The learner has a skill for each kind of question, which practice moves as GRPO would, which
    help each other and fade. It is not your model: see docs/curriculum.md for what this can tell.
    """
    learner = Learner(group=group, rate=rate, transfer=transfer, forgetting=forgetting)
    rows = _questions(questions) if questions else synthetic()
    wanted = schedule or []
    found = compare(
        rows,
        wanted,
        learner=learner,
        budget=Budget(epochs=epochs, batch=batch),
        seeds=seeds,
        seed=seed,
        optional=() if wanted else SCHEDULES,
        tell=_tell if sys.stderr.isatty() else None,
    )
    _write(found, html, png, out)
    if str(out) != "-":
        for line in summary(found):
            typer.echo(line)
        typer.echo(NOTE)


def _questions(path: Path) -> tuple[QuestionRow, ...]:
    rows = read_rows(path).once()
    if not rows:
        raise CurriculumError(f"{path}: there are no questions, expected at least one")
    return rows


def _write(found: Comparison, html: Path | None, png: Path | None, out: Path | None) -> None:
    drawn = picture(found) if png else b""
    if html:
        write_bytes(page(found).encode(), html)
    if png:
        write_bytes(drawn, png)
    if out:
        write_bytes((json.dumps(record(found), indent=1) + "\n").encode(), out)


def _tell(name: str, number: int, of: int) -> None:
    said = f"{number + 1}/{of} {name}" if number < of else ""
    typer.echo(f"\r\x1b[K{said}", err=True, nl=False)
