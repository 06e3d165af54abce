"""The curve as one HTML file that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from rm_eval.report import percent
from rm_eval.training_time.chart import Dot, Mark, chart
from rm_eval.training_time.curve import ALL, Change, Curve, Part
from rm_eval.training_time.summary import fates, findings, power
from rm_eval.training_time.trajectories import Fate, Trajectory

_MOST_ROWS: Final = 400
_FATES: Final[tuple[tuple[Fate, str], ...]] = (
    ("learned", "wrong at first, right now"),
    ("forgotten", "right at first, wrong now"),
    ("kept", "right at both, wrong between"),
    ("never", "wrong at both, right between"),
)


def page(title: str, curve: Curve, items: Sequence[Trajectory]) -> str:
    """The page: charts of all questions and of each type, the table, each question's way.

    Args:
        title: As plain text.
        curve: With one look at least.
        items: The ways of the questions over the same looks.
    """
    first, last = curve.points[0], curve.points[-1]
    lead = (
        f"{first.all.score.n} questions, the same at every look, greedy. Steps are held against "
        f"step {first.step}; the chance of a wrong finding in the whole training is at most "
        f"{curve.budget.alpha:g}."
    )
    told = [line.removeprefix("- ") for line in (*findings(curve), *power(last, curve.budget))]
    body = [
        f"<p>{escape(lead)}</p>",
        "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in told) + "</ul>",
        _KEY,
        f'<div class="charts">{_charts(curve)}</div>',
        "<h2>Look by look</h2>",
        _table(curve),
        "<h2>Question by question</h2>",
        _ways(curve, items),
    ]
    name = escape(title)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{name}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{name}</h1>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _charts(curve: Curve) -> str:
    names = [part.score.name for part in curve.points[-1].parts]
    label = {ALL: "accuracy, all questions, %"}
    made = [_accuracy(curve, ALL, label[ALL]), _difference(curve)]
    made += [_accuracy(curve, name, f"{name}, %") for name in names if name != ALL]
    return "".join(made)


def _accuracy(curve: Curve, name: str, title: str) -> str:
    dots: list[Dot] = []
    for point in curve.points:
        part = _part(point.parts, name)
        score = part.score
        dots.append(
            Dot(point.step, score.accuracy, score.cluster_low, score.cluster_high, _mark(part))
        )
    return chart(title, dots)


def _difference(curve: Curve) -> str:
    first = curve.points[0].step
    dots = [Dot(first, 0.0, 0.0, 0.0)]
    for point in curve.points:
        if point.all.change is not None:
            test = point.all.change.test
            dots.append(Dot(point.step, test.difference, test.low, test.high, _mark(point.all)))
    return chart(f"against step {first}, points", dots, around_zero=True)


def _part(parts: Sequence[Part], name: str) -> Part:
    return next(part for part in parts if part.score.name == name)


def _mark(part: Part) -> Mark:
    change = part.change
    return "" if change is None or change.finding == "not shown" else change.finding


def _table(curve: Curve) -> str:
    head = "".join(
        f"<th>{name}</th>"
        for name in (
            *("step", "right", "accuracy", "95 %", "against first", "interval"),
            *("gained", "lost", "clustered p", "corrected p", "finding"),
        )
    )
    rows: list[str] = []
    for point in curve.points:
        score = point.all.score
        cells = [
            str(point.step),
            f"{score.correct} of {score.n}",
            percent(score.accuracy),
            f"{percent(score.cluster_low)} to {percent(score.cluster_high)}",
            *_change_cells(point.all.change),
        ]
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    return f'<div class="wide"><table><tr>{head}</tr>{"".join(rows)}</table></div>'


def _change_cells(change: Change | None) -> list[str]:
    if change is None:
        return [""] * 7
    test = change.test
    return [
        f"{100 * test.difference:+.1f}",
        f"{100 * test.low:+.1f} to {100 * test.high:+.1f}",
        str(test.gained),
        str(test.lost),
        f"{test.p:.2g}",
        f"{change.adjusted:.2g}",
        change.finding,
    ]


def _ways(curve: Curve, items: Sequence[Trajectory]) -> str:
    steps = ", ".join(str(point.step) for point in curve.points)
    parts = [f"<p>One square a look (steps {steps}), dark where the reply was right.</p>"]
    left = _MOST_ROWS
    by_fate = fates(items)
    for fate, meaning in _FATES:
        moved = sorted((one for one in by_fate[fate] if one.flips), key=lambda one: -one.flips)
        shown, still = moved[:left], len(by_fate[fate]) - len(moved)
        left -= len(shown)
        rest = len(moved) - len(shown)
        more = f"; {rest} more are in items.jsonl" if rest else ""
        same = f"; {still} others never changed" if still else ""
        parts.append(f"<h3>{fate}: {len(moved)} <small>{meaning}{same}{more}</small></h3>")
        parts.append('<div class="ways">' + "".join(_way(one) for one in shown) + "</div>")
    return "".join(parts)


def _way(one: Trajectory) -> str:
    squares = "".join(f'<i class="r{letter}"></i>' for letter in one.right)
    name = escape(f"{one.type}: {one.id}")
    return f'<div title="{name}, {one.flips} changes"><b>{squares}</b><span>{name}</span></div>'


_KEY: Final = (
    '<p class="key"><span class="up">&#9650;</span> shown to be better, <span class="down">&#9660;'
    "</span> shown to be worse than the first look, errors of all looks counted together. Bars: 95 "
    "% intervals of the accuracy, each by itself; those of the difference hold all at once.</p>"
)

_STYLE: Final = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1c2530; background: #fff;
  max-width: 1160px; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; border-bottom: 1px solid #dde3ea; }
h3 { font-size: .95rem; margin: 1rem 0 .3rem; } small { font-weight: normal; color: #5b6673; }
p, ul { margin: .3rem 0; } ul { padding-left: 1.2rem; } .key { color: #5b6673; font-size: .88rem; }
.up, .better { color: #1f7a45; fill: #1f7a45; } .down, .worse { color: #b3321b; fill: #b3321b; }
.charts { display: grid; gap: 1rem 1.4rem; margin-top: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(320px, 100%), 1fr)); }
figure { margin: 0; } svg { width: 100%; height: auto; display: block; }
figcaption { font-size: .87rem; font-weight: 600; overflow-wrap: anywhere; }
figcaption span { float: right; font-weight: normal; }
svg text { font: 10px system-ui, sans-serif; fill: #5b6673; }
.grid { stroke: #c9d1da; stroke-width: .6; stroke-dasharray: 2 3; }
.zero { stroke: #5b6673; stroke-width: .8; }
.bar { stroke: #2a62a8; stroke-width: 4; opacity: .22; }
polyline.curve { fill: none; stroke: #2a62a8; stroke-width: 1.6; } circle.curve { fill: #2a62a8; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .88rem; }
td, th { border-bottom: 1px solid #e6eaef; padding: .2rem .8rem .2rem 0; text-align: left;
  white-space: nowrap; font-variant-numeric: tabular-nums; }
.ways { display: grid; gap: .1rem 1.2rem;
  grid-template-columns: repeat(auto-fill, minmax(min(330px, 100%), 1fr)); }
.ways > div { display: flex; gap: .6rem; align-items: center; min-width: 0; }
.ways b { flex: none; display: flex; flex-wrap: wrap; gap: 1px; max-width: 60%; }
.ways i { width: 9px; height: 9px; background: #e4e8ed; } .ways i.r1 { background: #2a62a8; }
.ways span { font-size: .78rem; color: #5b6673; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; }
"""
