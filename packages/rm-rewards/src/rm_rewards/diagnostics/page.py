"""The report: as text for a terminal, and as one page of HTML that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from rm_rewards.diagnostics.groups import FATES, Figures

Row = tuple[str, ...]
_BY_HEADS: Final = (
    "",
    "replies",
    "groups",
    "accuracy",
    "total",
    "dead",
    "easy",
    "hard",
    "const",
    "AUC detail",
)
_COLOURS: Final = {
    "alive": "#2a7f62",
    "too easy": "#8ab6d6",
    "too hard": "#c8553d",
    "constant": "#6b4e71",
    "single": "#b8b8b8",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The figures of a file of rewards: the whole, and by type, city, transfers (where known)."""

    title: str
    versions: Sequence[str]
    whole: Figures
    by: Mapping[str, Mapping[str, Figures]]


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _headline(report: Report) -> Iterator[Row]:
    whole = report.whole
    unread = ", ".join(f"{n} {status}" for status, n in sorted(whole.statuses.items()))
    yield "replies", f"{whole.replies} ({unread})"
    yield "accuracy", _share(whole.accuracy)
    yield "mean total", _number(whole.mean_total)
    yield "variance within groups", _number(whole.within)
    yield "variance between groups", _number(whole.between)
    yield "inversions in groups", f"{_share(whole.in_groups.inversions)} of {_pairs(whole)}"
    yield "ties in groups", f"{whole.in_groups.ties} right replies tied with a wrong one"
    if whole.length is not None:
        yield "length", f"{whole.length:.0f} characters, r = {_number(whole.length_correlation)}"
    yield "reward", ", ".join(report.versions)


def _pairs(figures: Figures) -> str:
    return f"{figures.in_groups.count} pairs of a wrong and a right reply: P(wrong > right)"


def _fates(whole: Figures) -> Iterator[Row]:
    for fate in FATES:
        count = whole.fates[fate]
        yield fate, str(count), _share(count / whole.groups if whole.groups else None)


def _parts(whole: Figures) -> Iterator[Row]:
    for name, pairs in whole.parts.items():
        yield name, _number(pairs.auc), _share(pairs.inversions)


def _by(sections: Mapping[str, Figures]) -> Iterator[Row]:
    for name, found in sections.items():
        yield (
            name,
            str(found.replies),
            str(found.groups),
            _share(found.accuracy),
            _number(found.mean_total),
            _share(found.dead),
            *(str(found.fates[fate]) for fate in ("too easy", "too hard", "constant")),
            _number(found.parts["detail"].auc),
        )


def _dead_at(whole: Figures) -> str:
    return ", ".join(f"{total:g} ({count}x)" for total, count in whole.dead_at) or "none"


def text(report: Report) -> str:
    """The report for a terminal."""
    whole = report.whole
    said = [*_columns(_headline(report)), "", f"groups: {whole.groups}, dead {_share(whole.dead)}"]
    said += _columns(_fates(whole))
    said += [f"  dead groups stand at {_dead_at(whole)}", "", "does a part tell right from wrong?"]
    said += _columns([("", "AUC", "P(wrong > right)"), *_parts(whole)])
    for name, sections in report.by.items():
        said += ["", f"by {name}", *_columns([_BY_HEADS, *_by(sections)])]
    return "\n".join(said)


def _columns(rows: Iterable[Row]) -> list[str]:
    listed = list(rows)
    widths = [max(len(row[i]) for row in listed) for i in range(len(listed[0]))]
    aligned = (
        [cell.ljust(w) if i == 0 or len(row) == 2 else cell.rjust(w)]
        for row in listed
        for i, (cell, w) in enumerate(zip(row, widths, strict=True))
    )
    cells = [cell for group in aligned for cell in group]
    n = len(widths)
    return ["  " + "  ".join(cells[i : i + n]).rstrip() for i in range(0, len(cells), n)]


_STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;color:#1d2433;background:#fafafa;max-width:60rem;
margin:2rem auto;padding:0 1rem}h1{font-size:1.4rem;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:2rem 0 .4rem}
table{border-collapse:collapse;background:#fff;box-shadow:0 1px 2px #0002}
td,th{padding:.25rem .7rem;border-bottom:1px solid #eee;text-align:right;
font-variant-numeric:tabular-nums}td:first-child,th:first-child{text-align:left}
table.pairs td{text-align:left}th{font-weight:600;background:#f1f3f5}
.wide{overflow-x:auto}.bar{display:flex;height:1.6rem;border-radius:4px;overflow:hidden;
max-width:46rem;background:#eee}.key span{display:inline-block;width:.8rem;height:.8rem;
border-radius:2px;margin:0 .3rem 0 .9rem;vertical-align:-1px}p{margin:.4rem 0;color:#445}
"""


def html(report: Report) -> str:
    """The report as a page: no script, no file beside it."""
    whole = report.whole
    body = [
        f"<h1>{escape(report.title)}</h1>",
        _table(_headline(report), css="pairs"),
        f"<h2>Groups: {whole.groups}, dead {_share(whole.dead)}</h2>",
        _bar(whole),
        _table(_fates(whole), heads=("group", "number", "share")),
        f"<p>Dead groups stand at a total of: {escape(_dead_at(whole))}</p>",
        "<h2>Does a part tell right from wrong?</h2>",
        "<p>AUC 1: always above; 0.5: it cannot tell. Over all pairs of replies, of any type.</p>",
        _table(_parts(whole), heads=("part", "AUC", "P(wrong &gt; right)")),
    ]
    for name, sections in report.by.items():
        body.append(f"<h2>By {escape(name)}</h2>")
        body.append(_table(_by(sections), heads=(name, *_BY_HEADS[1:])))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(report.title)}</title><style>{_STYLE}</style></head><body>"
        + "\n".join(body)
        + "</body></html>\n"
    )


def _bar(whole: Figures) -> str:
    parts = [
        f'<div style="width:{100 * whole.fates[fate] / max(1, whole.groups):.3f}%;'
        f'background:{_COLOURS[fate]}" title="{fate}: {whole.fates[fate]}"></div>'
        for fate in FATES
    ]
    keys = [f'<span style="background:{_COLOURS[fate]}"></span>{fate}' for fate in FATES]
    return f'<div class="bar">{"".join(parts)}</div><p class="key">{"".join(keys)}</p>'


def _table(rows: Iterable[Row], heads: Row = (), css: str = "") -> str:
    head = "".join(f"<th>{cell}</th>" for cell in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    top = f"<thead><tr>{head}</tr></thead>" if heads else ""
    return f'<div class="wide"><table class="{css}">{top}<tbody>{body}</tbody></table></div>'
