"""`rm-data stats`: how balanced a questions file is."""

from __future__ import annotations

import typer

from rm_data.commands.arguments import QuestionsFile
from rm_data.stats import stats_of, stats_table
from rm_rewards import Question, RecordError
from rm_rewards.jsonl import read


def stats(questions: QuestionsFile) -> None:
    """Show answers, balance and the majority baseline of each type."""
    figures = stats_of(read(Question, questions))
    if not figures:
        raise RecordError("file", "no question", "at least one", where=str(questions))
    for line in stats_table(figures):
        typer.echo(line)
