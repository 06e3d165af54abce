"""The curve as rows for programs: a JSON object a look, a line of CSV a look and type."""

from __future__ import annotations

import csv
import io
import json
from typing import Final

from rm_eval.exporting.tables import guarded
from rm_eval.training_time.curve import Curve, Part, Point

_COLUMNS: Final = (
    *("step", "look", "level", "part", "n", "correct", "accuracy", "low", "high", "clusters"),
    *("unparsed", "difference", "difference_low", "difference_high", "gained", "lost", "mcnemar"),
    *("p", "exact", "adjusted", "detectable", "finding"),
)


def _part_row(part: Part) -> dict[str, object]:
    """A type of questions, or all, at one look.

    Shares are in [0, 1]. The interval of the accuracy is of 95 %, by the cluster bootstrap; that of
    the difference has the level of the look.
    """
    score, change = part.score, part.change
    row: dict[str, object] = {
        "part": score.name,
        "n": score.n,
        "correct": score.correct,
        "accuracy": score.accuracy,
        "low": score.cluster_low,
        "high": score.cluster_high,
        "clusters": score.clusters,
        "unparsed": score.unparsed,
    }
    if change is None:
        return row
    test = change.test
    return row | {
        "difference": test.difference,
        "difference_low": test.low,
        "difference_high": test.high,
        "gained": test.gained,
        "lost": test.lost,
        "mcnemar": test.mcnemar,
        "p": test.p,
        "exact": test.exact,
        "adjusted": change.adjusted,
        "detectable": test.detectable,
        "finding": change.finding,
    }


def jsonl_text(curve: Curve) -> str:
    """One JSON object a look."""
    lines = (
        {**_head(point), "parts": [_part_row(part) for part in point.parts]}
        for point in curve.points
    )
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def csv_text(curve: Curve) -> str:
    """One line a look and type; what the first look has not is left empty."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, _COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for point in curve.points:
        for part in point.parts:
            row = {**_head(point), **_part_row(part)}
            writer.writerow({**row, "part": guarded(str(row["part"]))})
    return stream.getvalue()


def _head(point: Point) -> dict[str, object]:
    return {"step": point.step, "look": point.look, "level": point.level}
