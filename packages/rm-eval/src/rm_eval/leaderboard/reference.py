"""Published scores of a leaderboard's columns: rows to look at, never ranked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rm_eval.leaderboard.columns import AVERAGED, OFFICIAL
from rm_eval.published import Published, published_scores
from rm_eval.published.scores import BASE


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A model in a publication.

    Attributes:
        name: The model, and how it was trained if it was.
        source: Where the numbers stand.
        scores: In %, as printed, by column.
        copied: The columns whose number the source copied from elsewhere, or that was not seen at
            its source.
        average: Of the six, in %; None unless all are there.
    """

    name: str
    source: str
    scores: dict[str, str]
    copied: tuple[str, ...]
    average: float | None


def references(columns: Sequence[str]) -> tuple[Reference, ...]:
    """The publications that have a score in any of these columns, in the order of the table."""
    places = {
        (told.benchmark, told.part, told.metric): column
        for column, told in OFFICIAL.items()
        if column in columns
    }
    found: dict[tuple[str, str], dict[str, Published]] = {}
    for one in published_scores():
        column = places.get((one.benchmark, one.part, one.metric))
        if column is not None:
            found.setdefault((_name(one), one.source), {})[column] = one
    return tuple(_row(name, source, scores) for (name, source), scores in found.items())


def _name(one: Published) -> str:
    training, _, note = one.training.partition(", ")
    trained = [] if training == BASE else [training]
    return ", ".join([" + ".join([one.model, *trained]), *([note] if note else [])])


def _row(name: str, source: str, scores: dict[str, Published]) -> Reference:
    six = [float(scores[column].score) for column in AVERAGED if column in scores]
    return Reference(
        name=name,
        source=source,
        scores={column: one.score for column, one in scores.items()},
        copied=tuple(column for column, one in scores.items() if one.mark != "run"),
        average=sum(six) / len(six) if len(six) == len(AVERAGED) else None,
    )
