"""`rm-rewards labels`: can the labels of a trainer's dataset be scored by?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rm_rewards.adapters.label_scorer import LabelScorer
from rm_rewards.command_line import FAILED
from rm_rewards.commands.inputs import NetworksPath, RewardName, reward_of
from rm_rewards.logs.labels import FIELDS, label_faults
from rm_rewards.progress import told
from rm_rewards.records import RecordError


def labels(
    dataset: Annotated[
        Path,
        typer.Argument(metavar="DATASET", help="JSON lines, a JSON list, or parquet; - is input."),
    ],
    reward: RewardName = "rewardmap",
    field: Annotated[
        str | None,
        typer.Option("--field", help=f"Where the label stands [default: {', '.join(FIELDS)}]."),
    ] = None,
    networks: NetworksPath = None,
    show: Annotated[int, typer.Option("--show", min=0, help="Name at most N bad rows.")] = 20,
) -> None:
    """Check that a reward can be given by the label of each row: one line for each that is bad.

    Some trainers swallow the exceptions of a reward function: try their labels here first.
    """
    scorer = LabelScorer(reward_of(reward), networks)
    count = bad = 0
    for fault in told(label_faults(dataset, scorer, field), "rows"):
        count += 1
        if fault is not None:
            bad += 1
            if bad <= show:
                typer.echo(str(fault), err=True)
    if not count:
        raise RecordError("file", "no row", "at least one row", where=str(dataset))
    hidden = f" ({bad - show} of them not shown)" if bad > show else ""
    typer.echo(f"{count} labels, {bad or 'none'} bad{hidden}")
    if bad:
        raise typer.Exit(FAILED)


__all__ = ["labels"]
