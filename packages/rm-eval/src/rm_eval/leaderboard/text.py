"""The leaderboard as markdown, CSV, LaTeX and JSON: the same table in each."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from io import StringIO
from types import MappingProxyType
from typing import Final

from rm_eval.exporting.latex import escaped
from rm_eval.exporting.tables import guarded
from rm_eval.leaderboard.board import Board, Row
from rm_eval.leaderboard.cells import Average, Cell
from rm_eval.leaderboard.columns import title_of
from rm_eval.leaderboard.ranking import Rank
from rm_eval.leaderboard.reference import Reference

AVERAGE: Final = "Average of six"

_NUMBERS: Final = ("low", "high", "n", "weights", "rank", "blind", "graded_by", "date", "run")


def markdown(board: Board) -> str:
    """A table for people: what was measured, then what was published, then warnings and notes."""
    heads = ["model", "rank", *([AVERAGE] if board.averaged else [])]
    for column in board.columns:
        heads += [title_of(column), *(["blind"] if column in board.blind else [])]
    lines = [_line(heads), "|---" + "|--:" * (len(heads) - 1) + "|"]
    lines += [_line([row.name, shown(row.rank), *_values(board, row)]) for row in board.rows]
    lines += [_line([f"*{one.name}*", "", *_published(board, one)]) for one in board.references]
    lines += ["", *_marks(board), "", legend(board)]
    return "\n".join(lines) + "\n"


def latex(board: Board) -> str:
    """A tabular of the same numbers; it needs the package booktabs."""
    heads = ["model", "rank", *([AVERAGE] if board.averaged else [])]
    for column in board.columns:
        heads += [title_of(column), *(["blind"] if column in board.blind else [])]
    rows = [[row.name, shown(row.rank), *_values(board, row)] for row in board.rows]
    published = [[one.name, "", *_published(board, one)] for one in board.references]
    lines = [
        "% accuracy in % with 95 % cluster bootstrap intervals; below the line: published scores",
        rf"\begin{{tabular}}{{l{'r' * (len(heads) - 1)}}}",
        r"\toprule",
        _tex(heads),
        r"\midrule",
        *map(_tex, rows),
        *([r"\midrule", *map(_tex, published)] if published else []),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def table_csv(board: Board) -> str:
    """A line a model, shares in [0, 1]; cells that a spreadsheet would run get an apostrophe."""
    heads = ["kind", "model", "weights_sha256", "rank", "average", "average_low", "average_high"]
    for column in board.columns:
        heads += [column, *(f"{column} {name}" for name in _NUMBERS), f"{column} warnings"]
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(map(_safe, heads))
    writer.writerows(map(_safe, line) for line in _records(board))
    return stream.getvalue()


def table_json(board: Board) -> str:
    """Everything that is known, nothing rounded."""
    return json.dumps(asdict(board), indent=2, ensure_ascii=False) + "\n"


FORMS: Final[Mapping[str, Callable[[Board], str]]] = MappingProxyType(
    {"markdown": markdown, "csv": table_csv, "json": table_json, "latex": latex}
)


def shown(rank: Rank | None) -> str:
    """A rank as it is written: `2`, or `1-3` where a model is tied with others."""
    return "" if rank is None else str(rank)


def percent(value: float | None) -> str:
    """A share as it is written: 12.3."""
    return "" if value is None else f"{100 * value:.1f}"


def with_interval(number: Cell | Average) -> str:
    """The number and its interval, in %."""
    return f"{percent(number.value)} [{percent(number.low)}, {percent(number.high)}]"


def legend(board: Board) -> str:
    """What the numbers are."""
    by = AVERAGE if board.by == "average" else title_of(board.by)
    return (
        "Accuracy in %, for ReasonMap and ReasonMap-Plus weighted and read as their published code "
        "does where the run tells it, with the 95 % interval of the cluster bootstrap over maps, "
        "pictures or questions. The rank is by "
        f"{by}: 1-3 means that one to three places are possible, because no model moves past "
        "another unless a paired sign-flip test over the same questions, corrected by Holm over "
        "all pairs, tells them apart. Blind: the same questions without their pictures. The "
        "average of six is that of the RewardMap paper, with the map questions of "
        "SEED-Bench-2-Plus. Published scores were made with other software and are not ranked."
    )


def _values(board: Board, row: Row) -> Iterator[str]:
    if board.averaged:
        yield "" if row.average is None else with_interval(row.average)
    for column in board.columns:
        cell = row.cells.get(column)
        yield "" if cell is None else with_interval(cell) + (" (!)" if cell.warnings else "")
        if column in board.blind:
            yield "" if cell is None else percent(cell.blind)


def _published(board: Board, one: Reference) -> Iterator[str]:
    if board.averaged:
        yield "" if one.average is None else f"{one.average:.2f}"
    for column in board.columns:
        yield one.scores.get(column, "")
        if column in board.blind:
            yield ""


def _marks(board: Board) -> Iterator[str]:
    for row in board.rows:
        yield from (f"- {_text(row.name)}: {one}" for one in row.warnings)
        for column, cell in row.cells.items():
            yield from (
                f"- (!) {_text(row.name)}, {_text(title_of(column))}: {_text(one)}"
                for one in cell.warnings
            )
        for one in row.settings:
            if one.unusual:
                yield (
                    f"- {_text(row.name)}: {one.name} is {_text(one.value)}, most rows have "
                    f"{_text(one.usual)}"
                )
    yield from (f"- left out: {_text(one)}" for one in board.left_out)


def _records(board: Board) -> Iterator[list[object]]:
    for row in board.rows:
        mean = row.average
        means = [None] * 3 if mean is None else [mean.value, mean.low, mean.high]
        line: list[object] = ["measured", row.name, row.model, shown(row.rank), *means]
        for column in board.columns:
            line += _cells(row.cells.get(column))
        yield line
    for one in board.references:
        mean = None if one.average is None else one.average / 100
        line = ["published", one.name, "", "", mean, None, None]
        for column in board.columns:
            score = one.scores.get(column)
            line += [None if score is None else float(score) / 100]
            line += [*[None] * (len(_NUMBERS) - 1), one.source if score else None, None]
        yield line


def _cells(cell: Cell | None) -> list[object]:
    if cell is None:
        return [None] * (len(_NUMBERS) + 2)
    told = [
        shown(cell.rank) if name == "rank" else getattr(cell, name) for name in ("value", *_NUMBERS)
    ]
    return [*told, "; ".join(cell.warnings)]


def _safe(value: object) -> object:
    return guarded(value.replace("\0", "")) if isinstance(value, str) else value


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(_text, cells)) + " |"


def _text(text: str) -> str:
    """One line of a table, in which neither markdown's bars nor HTML act."""
    one_line = " ".join(text.split())
    for letter, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "\\|")):
        one_line = one_line.replace(letter, entity)
    return one_line


def _tex(cells: Sequence[str]) -> str:
    return " & ".join(map(escaped, cells)) + r" \\"
