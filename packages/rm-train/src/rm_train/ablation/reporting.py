"""The report of an ablation: written anew from what is finished, whatever was written before."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from rm_train.ablation.outcome import read_outcomes
from rm_train.ablation.plots import plot_curves, plot_final
from rm_train.ablation.study import Work
from rm_train.ablation.summary import Summary, summarise
from rm_train.ablation.table import csv_text, json_text, markdown
from rm_train.run_directory import write_text

_FAILED = "failed.json"


def keep_failures(work: Work, reasons: Mapping[str, str]) -> None:
    """Write down why runs failed, for reports to come."""
    write_text(work.directory.path / _FAILED, json.dumps(dict(reasons), indent=1))


def write_report(work: Work) -> Summary:
    """Tables and pictures of what is finished, in the folder `report`.

    Raises:
        RunError: If nothing is finished, or runs answered different questions.
        EvalError, RecordError, OSError: If a folder is damaged.
    """
    kept = work.directory.path / _FAILED
    reasons: dict[str, str] = json.loads(kept.read_text("utf-8")) if kept.is_file() else {}
    outcomes = read_outcomes(work)
    summary = summarise(outcomes, reasons)
    folder = work.directory.report
    folder.mkdir(exist_ok=True)
    for name, text in (
        ("table.md", markdown(summary)),
        ("table.csv", csv_text(summary)),
        ("results.json", json_text(summary)),
    ):
        write_text(folder / name, text)
    for factor in work.design.factors:
        _whole(
            folder / f"curves-{factor.name}.png",
            lambda path, f=factor.name: plot_curves(outcomes, f, path),
        )
    _whole(folder / "final.png", lambda path: plot_final(summary, path))
    return summary


def _whole(target: Path, draw: Callable[[Path], None]) -> None:
    """The picture, written beside and then put in its place."""
    beside = target.with_name(f".{target.name}")
    draw(beside)
    beside.replace(target)
