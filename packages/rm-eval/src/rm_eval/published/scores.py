"""The published scores: what papers and project pages report, with the place of each."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal, cast

from rm_eval.published.definitions import plain

Mark = Literal["run", "copied", "unverified"]

BASE: Final = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One published score.

    Attributes:
        benchmark, part, metric: What was measured; accuracies are in %.
        model, training: Of what; the training `none` is the model as released.
        score: As it is printed.
        mark: `run` by those who report it, `copied` by them from elsewhere, or `unverified`: not
            seen at its source when this table was made.
        source: Where it stands.
    """

    benchmark: str
    part: str
    metric: str
    model: str
    training: str
    score: str
    mark: Mark
    source: str


@cache
def published_scores() -> tuple[Published, ...]:
    """All published scores, in the order of their sources."""
    text = files("rm_eval.published").joinpath("scores.csv").read_text("utf-8")
    return tuple(
        Published(
            benchmark=row["benchmark"],
            part=row["part"],
            metric=row["metric"],
            model=row["model"],
            training=row["training"],
            score=row["score"],
            mark=cast("Mark", row["mark"]),
            source=row["source"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def scores_of(benchmark: str) -> tuple[Published, ...]:
    """The published scores of a benchmark, however it is spelt; none if there are none."""
    wanted = plain(benchmark)
    return tuple(one for one in published_scores() if plain(one.benchmark) == wanted)
