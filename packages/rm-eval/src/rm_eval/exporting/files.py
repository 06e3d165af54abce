"""A finished run, or the comparison of some, as one file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Final, Literal, TypeAlias, cast, get_args

from rm_eval.atomic import placed, write_text
from rm_eval.comparison import Comparison, Row, compare
from rm_eval.exporting.latex import comparison_table, latex_table
from rm_eval.exporting.tables import WRITERS, Kind, Table
from rm_eval.finished import read_runs
from rm_eval.samples import Sample, read_samples

Form: TypeAlias = Literal["csv", "json", "latex", "markdown", "parquet"]

FORMS: Final[tuple[Form, ...]] = get_args(Form)

_TESTED: Final[Mapping[str, Kind]] = {
    "difference": "float",
    "low": "float",
    "high": "float",
    "gained": "int",
    "lost": "int",
    "p": "float",
    "exact": "bool",
    "mcnemar": "float",
}


def export(folder: Path, form: Form, out: Path, *others: Path) -> None:
    """Write a finished run as one file, which appears when it is complete.

    Args:
        folder: The run folder.
        form: `csv`, `json` and `parquet` hold one row a question; `latex` and `markdown` the
            scores as a table.
        out: The file.
        others: Runs to compare it with, as `compare` takes them; every form then holds one row a
            type or benchmark.

    Raises:
        EvalError: If a folder is no finished run, the runs cannot be compared, or pyarrow is not
            installed for parquet.
        RecordError: If a line of a run is damaged.
        OSError: If a file cannot be read or written.
    """
    if others:
        _export_comparison(compare(folder, *others), form, out)
    elif form == "latex":
        write_text(latex_table(read_runs([folder])[0]), out)
    elif form == "markdown":
        next(iter(read_samples(folder)), None)
        write_text((folder / "report.md").read_text("utf-8"), out)
    else:
        kinds: dict[str, Kind] = {
            one.name: cast("Kind", str(one.type).partition(" ")[0]) for one in fields(Sample)
        }
        with placed(out) as beside:
            WRITERS[form](Table(kinds, (asdict(sample) for sample in read_samples(folder))), beside)


def _export_comparison(comparison: Comparison, form: Form, out: Path) -> None:
    if form == "latex":
        write_text(comparison_table(comparison), out)
    elif form == "markdown":
        write_text(comparison.markdown(), out)
    else:
        with placed(out) as beside:
            WRITERS[form](_compared(comparison), beside)


def _compared(comparison: Comparison) -> Table:
    columns: dict[str, Kind] = {"name": "str", "family": "str", "n": "int", "clusters": "int"}
    for number, _ in enumerate(comparison.runs, start=1):
        columns |= {f"run_{number}": "str"}
        columns.update(dict.fromkeys(_of_run(number), "float"))
    columns |= {"weighted": "bool", **_TESTED, "adjusted": "float", "verdict": "str"}
    return Table(columns, (dict(_cells(comparison, row)) for row in comparison.rows))


def _of_run(number: int) -> tuple[str, ...]:
    names = ("accuracy", "low", "high", "weighted_accuracy", "weighted_low", "weighted_high")
    return tuple(f"run_{number}_{name}" for name in names)


def _cells(comparison: Comparison, row: Row) -> Iterator[tuple[str, object]]:
    yield from (("name", row.name), ("family", row.family))
    yield from (("n", row.test.n), ("clusters", row.test.clusters))
    for number, (run, score) in enumerate(zip(comparison.runs, row.scores, strict=True), start=1):
        values = (
            *(score.accuracy, score.cluster_low, score.cluster_high),
            *(score.weighted_accuracy, score.weighted_low, score.weighted_high),
        )
        yield f"run_{number}", run
        yield from zip(_of_run(number), values, strict=True)
    yield "weighted", row.weighted is not None
    yield from ((name, getattr(row.decisive, name)) for name in _TESTED)
    yield from (("adjusted", row.adjusted), ("verdict", row.verdict))
