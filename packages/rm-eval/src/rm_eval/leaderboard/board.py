"""The leaderboard: a row a model, a column a benchmark, and what each number is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rm_eval.errors import EvalError
from rm_eval.leaderboard.answers import find_runs, read_answers
from rm_eval.leaderboard.cells import Average, Cell, average_of, cell_of, ranked, with_rank
from rm_eval.leaderboard.columns import AVERAGED, in_order
from rm_eval.leaderboard.joining import Joined, joined
from rm_eval.leaderboard.ranking import Rank
from rm_eval.leaderboard.reference import Reference, references
from rm_eval.leaderboard.settings import Setting, differing


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One model, or one way of running it where its runs cannot stand in one row.

    Attributes:
        name: The end of the model's path that tells it from the others.
        model: SHA-256 of its weights; of its name where the weights are not known.
        known: Whether the weights are known.
        cells: By column.
        average: Of the six benchmarks of the RewardMap paper; None unless all are there.
        rank: By the average, or by the first column where no row has an average.
        settings: Of its runs, only those that are not the same in all rows.
        warnings: What concerns the row as a whole.
    """

    name: str
    model: str
    known: bool
    cells: dict[str, Cell]
    average: Average | None
    rank: Rank | None
    settings: tuple[Setting, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A leaderboard.

    Attributes:
        columns: The benchmarks that any run has, published ones first.
        blind: Those that any row has a blind control for.
        rows: Best first, by the average or the first column; rows without it last.
        by: The column of the rank; `average` for the mean of the six.
        references: Published scores of these columns.
        left_out: Folders of runs that are not in the table, and why.
    """

    columns: tuple[str, ...]
    blind: tuple[str, ...]
    rows: tuple[Row, ...]
    by: str
    references: tuple[Reference, ...]
    left_out: tuple[str, ...]

    @property
    def averaged(self) -> bool:
        """Whether any row has an average."""
        return any(row.average is not None for row in self.rows)


def leaderboard(places: Sequence[str | Path]) -> Board:
    """The leaderboard of the runs in these folders.

    Runs of one model, told by the hash of its weights, stand in one row; a blind run stands beside
    the run over the same questions. Models share a rank unless a paired test tells them apart.

    Args:
        places: Run folders, or folders with runs in them, at most four folders down.

    Raises:
        EvalError: If a place holds no run, or a run is damaged or, named itself, not finished.
        RecordError: If a line of a run is damaged.
        OSError: If a file cannot be read.
    """
    folders, unfinished = find_runs([Path(place) for place in places])
    made = joined([read_answers(folder) for folder in folders])
    lines = [line for line in made if line.runs]
    if not lines:
        raise EvalError(f"{places[0]}: only blind runs there, expected the runs that they control")
    alone = [str(run.folder) for line in made if not line.runs for run in line.every]
    columns = in_order({column for line in lines for column in line.runs})
    by = "average" if any(_has_all(line) for line in lines) else columns[0]
    rows = _rows(lines, columns, by)
    return Board(
        columns=columns,
        blind=tuple(c for c in columns if any(_blind(row, c) for row in rows)),
        rows=tuple(sorted(rows, key=lambda row: _order(row, by))),
        by=by,
        references=references(columns),
        left_out=(
            *(f"{folder}: not finished" for folder in unfinished),
            *(f"{folder}: blind, without the run that it controls" for folder in alone),
        ),
    )


def _rows(lines: Sequence[Joined], columns: Sequence[str], by: str) -> list[Row]:
    cells = [
        {column: cell_of(line.runs[column], line.blind.get(column), column) for column in line.runs}
        for line in lines
    ]
    for column in columns:
        for at, rank in ranked(lines, [column]).items():
            cells[at][column] = with_rank(cells[at][column], rank, lines, column)
    over = ranked(lines, AVERAGED if by == "average" else [by])
    settings = differing(lines)
    return [
        Row(
            name=line.name,
            model=line.model,
            known=line.known,
            cells=cells[at],
            average=average_of(cells[at]),
            rank=over.get(at),
            settings=settings[at],
            warnings=line.warnings,
        )
        for at, line in enumerate(lines)
    ]


def _has_all(line: Joined) -> bool:
    return all(line.runs.get(column) for column in AVERAGED)


def _blind(row: Row, column: str) -> bool:
    return column in row.cells and row.cells[column].blind is not None


def _order(row: Row, by: str) -> tuple[float, str]:
    if by == "average":
        value = None if row.average is None else row.average.value
    else:
        value = row.cells[by].value if by in row.cells else None
    return (1.0 if value is None else -value, row.name)
