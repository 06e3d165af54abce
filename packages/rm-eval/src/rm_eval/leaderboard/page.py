"""The leaderboard as one HTML file that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rm_eval.leaderboard.board import Board, Row
from rm_eval.leaderboard.cells import Cell
from rm_eval.leaderboard.columns import title_of
from rm_eval.leaderboard.ranking import Rank
from rm_eval.leaderboard.reference import Reference
from rm_eval.leaderboard.text import AVERAGE, legend, percent
from rm_eval.leaderboard.text import shown as rank_text
from rm_eval.web_page import element, shown, template


def page(board: Board, views: Mapping[str, str] | None = None) -> str:
    """The page: the table, each run behind it, and what the numbers are.

    Args:
        board: The leaderboard.
        views: Addresses of viewer pages by the folder of their run.
    """
    published = "".join(_reference(board, one) for one in board.references)
    own = "".join(_row(board, row) for row in board.rows)
    parts = {
        "@LEGEND@": shown(legend(board)),
        "@HEAD@": element("tr", *_heads(board)),
        "@BODY@": own + published,
        "@RUNS@": "".join(_runs(board, views or {})),
        "@COLUMNS@": "".join(_choices(board)),
        "@LEFT@": "".join(_left_out(board)),
        "@PUBLISHED@": "" if published else "hidden",
    }
    made = template("rm_eval.leaderboard", "page.html")
    pieces = made.split("@@")  # each hole is @@NAME@@, so that no text put in is taken for one
    return "".join(parts.get(f"@{piece}@", piece) for piece in pieces)


def _heads(board: Board) -> Iterator[str]:
    yield _head("Model", "name", text=True)
    yield _head("Rank", "rank", up=True)
    if board.averaged:
        yield _head(AVERAGE, "average")
    for column in board.columns:
        yield _head(title_of(column), column)
        if column in board.blind:
            yield _head(f"{title_of(column)}, blind", f"{column} blind")
    if any(row.settings for row in board.rows):
        yield element("th", "Settings that differ", scope="col", class_="settings")


def _head(title: str, key: str, *, text: bool = False, up: bool = False) -> str:
    button = element("button", shown(title), element("span", aria_hidden="true"), type="button")
    kind = "text" if text else "number"
    order = "ascending" if text or up else "descending"
    return element("th", button, scope="col", data_key=key, data_kind=kind, data_order=order)


def _row(board: Board, row: Row) -> str:
    mark = _mark(row.warnings)
    name = element("th", shown(row.name), mark, scope="row", data_value=row.name, title=row.model)
    cells = [name, _rank(row.rank)]
    if board.averaged:
        cells.append(_number(row.average))
    for column in board.columns:
        cell = row.cells.get(column)
        cells.append(_number(cell, rank=cell.rank, warnings=cell.warnings) if cell else _number())
        if column in board.blind:
            blind = cell.blind if cell is not None else None
            cells.append(_plain(percent(blind)))
    if any(one.settings for one in board.rows):
        cells.append(element("td", *_settings(row), class_="settings"))
    return element("tr", *cells, data_columns="\n".join(row.cells))


def _reference(board: Board, one: Reference) -> str:
    name = element("span", shown(one.source), class_="source")
    head = element("th", shown(one.name), name, scope="row", data_value=one.name)
    cells = [head, element("td")]
    if board.averaged:
        cells.append(_plain("" if one.average is None else f"{one.average:.2f}"))
    for column in board.columns:
        note = element("span", "copied", class_="source") if column in one.copied else ""
        cells.append(_plain(one.scores.get(column, ""), note))
        if column in board.blind:
            cells.append(element("td"))
    if any(row.settings for row in board.rows):
        cells.append(element("td"))
    return element("tr", *cells, class_="published", data_columns="\n".join(one.scores))


def _rank(rank: Rank | None) -> str:
    if rank is None:
        return element("td")
    return element("td", shown(rank_text(rank)), data_value=f"{rank.best + rank.worst / 1000:.3f}")


def _plain(text: str, note: str = "") -> str:
    value = f"{float(text) / 100:.6f}" if text else None
    return element("td", shown(text), note, data_value=value)


def _number(
    number: object = None, *, rank: Rank | None = None, warnings: tuple[str, ...] = ()
) -> str:
    value, low, high = (getattr(number, name, None) for name in ("value", "low", "high"))
    if value is None or low is None or high is None:
        return element("td")
    lines = [f"{percent(low)} to {percent(high)}"]
    lines += [f"rank {rank_text(rank)}"] if rank is not None else []
    small = "".join(element("span", shown(line), class_="interval") for line in lines)
    told = element("b", percent(value)) + _mark(warnings)
    return element("td", told, _whisker(value, low, high), small, data_value=f"{value:.6f}")


def _whisker(value: float, low: float, high: float) -> str:
    line = f'<line x1="{100 * low:.1f}" x2="{100 * high:.1f}" y1="4" y2="4"/>'
    dot = f'<circle cx="{100 * value:.1f}" cy="4" r="2.6"/>'
    return f'<svg viewBox="-3 0 106 8" aria-hidden="true">{line}{dot}</svg>'


def _mark(warnings: tuple[str, ...]) -> str:
    if not warnings:
        return ""
    told = "; ".join(warnings)
    return element("span", "⚠", class_="warning", role="img", title=told, aria_label=told)


def _settings(row: Row) -> Iterator[str]:
    for place, one in enumerate(row.settings):
        kind = "unusual" if one.unusual else None
        yield "; " if place else ""
        yield element("span", shown(f"{one.name}: {one.value}"), class_=kind)


def _runs(board: Board, views: Mapping[str, str]) -> Iterator[str]:
    for row in board.rows:
        for column in board.columns:
            if column in row.cells:
                yield element("tr", *_run(row.name, column, row.cells[column], views))


def _run(name: str, column: str, cell: Cell, views: Mapping[str, str]) -> Iterator[str]:
    yield element("th", shown(name), scope="row")
    yield element("td", shown(title_of(column)))
    for number in (f"{cell.n}", f"{cell.weights:g}", f"{cell.clusters}"):
        yield element("td", number, class_="number")
    yield element("td", shown(cell.graded_by))
    for share in (cell.unparsed, cell.truncated):
        yield element("td", percent(share), class_="number")
    yield element("td", shown(", ".join(cell.tied)))
    yield element("td", shown(cell.date), class_="date")
    yield element("td", shown(cell.run), *_view(cell.run, views), class_="path")
    yield element("td", shown("; ".join(cell.warnings)), class_="told")


def _view(run: str, views: Mapping[str, str]) -> Iterator[str]:
    if run in views:
        yield " " + element("a", "samples", href=views[run])


def _choices(board: Board) -> Iterator[str]:
    for column in board.columns:
        yield element("option", shown(title_of(column)), value=column)


def _left_out(board: Board) -> Iterator[str]:
    if board.left_out:
        items = (element("li", shown(one)) for one in board.left_out)
        yield element("h2", "Left out") + element("ul", *items)
