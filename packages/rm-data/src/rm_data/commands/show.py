"""`rm-data show`: a page with pictures, questions and answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rm_data.commands.arguments import QuestionsFile
from rm_data.page import SIDE, write_page
from rm_rewards import Question
from rm_rewards.jsonl import read


def show(
    questions: QuestionsFile,
    out: Annotated[Path, typer.Option(help="The HTML page to write.")],
    side: Annotated[int, typer.Option(min=64, help="Longer side of a picture in pixels.")] = SIDE,
) -> None:
    """Write a page: pictures, questions, answers, and on a click the routes over the map."""
    base = Path.cwd() if str(questions) == "-" else questions.absolute().parent
    made = write_page(read(Question, questions), out, base=base, source=str(questions), side=side)
    typer.echo(f"{out}: {made} questions", err=True)
