"""One number of a leaderboard, and what must be known to believe it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Final

from rm_eval.leaderboard.answers import Answers, Measured
from rm_eval.leaderboard.columns import AVERAGED, warnings_of
from rm_eval.leaderboard.joining import Joined
from rm_eval.leaderboard.ranking import Rank, ranks
from rm_eval.statistics import cluster_interval

_MANY: Final = 0.05
"""The share of unparsed or truncated replies from which on a number gets a warning."""

_NORMAL: Final = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A benchmark's decisive number for one model.

    Attributes:
        run: The folder of the run.
        date: The day on which it was graded.
        value, low, high: Accuracy in [0, 1], weighted where the benchmark weights, with the 95 %
            interval of the cluster bootstrap.
        n, weights, clusters: Questions, the sum of their weights, and clusters of them.
        graded_by: The extractor or reward that decided what is right.
        fingerprint: SHA-256 over the questions.
        unparsed, truncated: Shares of the replies.
        blind: The accuracy without pictures, over the same questions; None if it was not measured.
        blind_run: The folder of that run.
        rank: Among those that answered the same questions; None where there is no other.
        tied: The names of those that it is not shown to differ from.
        warnings: What is not as it should be.
    """

    run: str
    date: str
    value: float
    low: float
    high: float
    n: int
    weights: float
    clusters: int
    graded_by: str
    fingerprint: str
    unparsed: float
    truncated: float
    blind: float | None
    blind_run: str | None
    rank: Rank | None = None
    tied: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Average:
    """The mean of the six columns, with a 95 % interval from theirs, taken for independent."""

    value: float
    low: float
    high: float


def cell_of(run: Measured, control: Measured | None, column: str) -> Cell:
    """The number of that run in that column, and of its blind control if it fits."""
    answers = run.answers[column]
    low, high = cluster_interval(answers.right, answers.weights, answers.clusters)
    if control is not None and not run.comparable(control, column):
        control = None
    return Cell(
        run=str(run.folder),
        date=run.date,
        value=answers.value,
        low=low,
        high=high,
        n=len(answers.right),
        weights=sum(answers.weights),
        clusters=len(set(answers.clusters)),
        graded_by=answers.graded_by,
        fingerprint=answers.fingerprint,
        unparsed=answers.unparsed,
        truncated=answers.truncated,
        blind=None if control is None else control.answers[column].value,
        blind_run=None if control is None else str(control.folder),
        warnings=_warnings(run, answers, column),
    )


def ranked(lines: Sequence[Joined], columns: Sequence[str]) -> dict[int, Rank | None]:
    """The rank of each row that has all these columns, by its place in the list.

    Places in `Rank.tied` are those of the list, too.
    """
    places = [at for at, line in enumerate(lines) if all(c in line.runs for c in columns)]
    runs = [[lines[at].runs[column] for column in columns] for at in places]

    def comparable(one: int, two: int) -> bool:
        return all(
            a.comparable(b, c) for a, b, c in zip(runs[one], runs[two], columns, strict=True)
        )

    answers = [[run.answers[c] for run, c in zip(ones, columns, strict=True)] for ones in runs]
    found = ranks(answers, comparable)
    return {
        at: rank if rank is None else replace(rank, tied=tuple(places[one] for one in rank.tied))
        for at, rank in zip(places, found, strict=True)
    }


def with_rank(cell: Cell, rank: Rank | None, lines: Sequence[Joined], column: str) -> Cell:
    """The cell with its rank, and a warning if most others answered other questions."""
    told = [line.runs[column] for line in lines if column in line.runs]
    usual = Counter(_sort(run, column) for run in told).most_common(1)[0]
    mine = (cell.fingerprint, cell.graded_by)
    others = usual[1] > 1 and mine != usual[0]
    said = ("other questions, or graded otherwise, than most runs of this column",)
    tied = () if rank is None else tuple(lines[at].name for at in rank.tied)
    return replace(cell, rank=rank, tied=tied, warnings=(*cell.warnings, *(said if others else ())))


def average_of(cells: Mapping[str, Cell]) -> Average | None:
    """The mean of the six columns; None unless all are there."""
    held = [cells[column] for column in AVERAGED if column in cells]
    if len(held) < len(AVERAGED):
        return None
    value = sum(cell.value for cell in held) / len(held)
    errors = [(cell.high - cell.low) / (2 * _NORMAL) for cell in held]
    half = _NORMAL * sqrt(sum(error * error for error in errors)) / len(held)
    return Average(value, max(0.0, value - half), min(1.0, value + half))


def _sort(run: Measured, column: str) -> tuple[str, str]:
    return run.answers[column].fingerprint, run.answers[column].graded_by


def _warnings(run: Measured, answers: Answers, column: str) -> tuple[str, ...]:
    told = list(warnings_of(column, len(answers.right), sum(answers.weights)))
    if run.manifest.settings.limit is not None:
        told.append(f"--limit {run.manifest.settings.limit}")
    for what, share in (("no answer found in", answers.unparsed), ("cut off:", answers.truncated)):
        if share >= _MANY:
            told.append(f"{what} {100 * share:.1f} % of the replies")
    return tuple(told)
