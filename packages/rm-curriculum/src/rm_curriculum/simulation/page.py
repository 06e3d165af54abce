"""A comparison as one page of HTML: no script, nothing fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from html import escape
from typing import Final

from rm_curriculum.simulation.chart import GREY, INK, colours, curves, forest
from rm_curriculum.simulation.comparison import OVERALL, STATIC, UNIFORM, Comparison, Result
from rm_curriculum.simulation.intervals import LEVEL, Interval, interval

NOTE: Final = (
    "A synthetic learner, not your model. Its skills, how they help each other and how they fade "
    "are assumptions: where schedules change places when you vary --transfer, --forgetting or "
    "--rate, only a real run can decide. The intervals hold the luck of seeds, not the error of "
    "these assumptions; and of forty schedules that are no better than uniform one will seem so."
)
"""What a reader must know before believing a comparison."""

_FRAME: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>rm-curriculum: schedules compared</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #1c2530; background: #fff;
  max-width: 1240px; margin: 2rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.5rem; }} h2 {{ font-size: 1.2rem; margin-top: 2rem; }}
h3 {{ font-size: .95rem; margin: 0; }}
p.note {{ background: #fff6e0; border-left: 4px solid #e69f00; padding: .6rem .9rem; }}
svg {{ max-width: 100%; height: auto; }}
svg text {{ font: 12px system-ui, sans-serif; fill: #1c2530; }}
.scroll {{ overflow-x: auto; }}
table {{ font-size: .93rem; border-collapse: collapse; font-variant-numeric: tabular-nums; }}
td, th {{ border-bottom: 1px solid #dde3ea; padding: .25rem .4rem; text-align: right;
  white-space: nowrap; }}
td:first-child, th:first-child {{ text-align: left; }}
tr.baseline td:first-child {{ font-weight: bold; }}
.good {{ color: #1b7a3d; }} .bad {{ color: #b23b1e; }}
.panels {{ display: flex; flex-wrap: wrap; gap: 1rem; }}
.panels > figure {{ margin: 0; width: 300px; }}
.key span {{ margin-right: 1.2rem; white-space: nowrap; }}
.key i {{ display: inline-block; width: 1.6em; border-top: 3px solid; vertical-align: middle;
  margin-right: .4em; }}
</style>
</head>
<body>
<h1>Schedules compared on a synthetic learner</h1>
{body}
</body>
</html>
"""


def page(comparison: Comparison) -> str:
    """The whole page: settings, intervals, table, a panel of curves for each schedule."""
    families = comparison.results[0].families
    target = families[-1]
    parts = [
        _settings(comparison),
        f'<p class="note">{escape(NOTE)}</p>',
        "<h2>Accuracy at the end</h2>",
        '<div class="panels">',
        f"<div><h3>all: mean over {len(families)} families</h3>{forest(comparison, OVERALL)}</div>",
        f"<div><h3>{escape(target)}</h3>{forest(comparison, target)}</div>",
        "</div>",
        f"<p>Dots are means over {len(comparison.seeds)} learners, lines {LEVEL:.0%} intervals; "
        "the dashed line is uniform. Learners differ more than schedules do, so compare by the "
        "differences in the table, where every schedule is set against the baseline on the same "
        "learners.</p>",
        "<h2>All figures</h2>",
        _table(comparison),
        "<h2>Learning curves</h2>",
        _key(families),
        _panels(comparison),
        _left_out(comparison),
    ]
    return _FRAME.format(body="\n".join(parts))


def _settings(comparison: Comparison) -> str:
    learner, budget = comparison.learner, comparison.budget
    values = ", ".join(f"{one.name} {getattr(learner, one.name):g}" for one in fields(learner))
    return (
        f"<p>{len(comparison.results)} schedules, {len(comparison.seeds)} learners each (seeds "
        f"{comparison.seeds[0]} to {comparison.seeds[-1]}), {comparison.asked:,} questions in "
        f"batches of {budget.batch}. Learner: {values}.</p>"
    )


def _table(comparison: Comparison) -> str:
    families = comparison.results[0].families
    heads = [
        "schedule", OVERALL, *families, f"- {UNIFORM}", f"- {STATIC}", "whole run", "dead groups",
        "forgotten",
    ]  # fmt: skip
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    rows = "".join(_row(comparison, one) for one in comparison.results)
    return f'<div class="scroll"><table><tr>{head}</tr>{rows}</table></div>'


def _row(comparison: Comparison, result: Result) -> str:
    ends = (OVERALL, *result.families)
    baseline = ' class="baseline"' if result.schedule in (UNIFORM, STATIC) else ""
    cells = [
        *(f"{interval(result.values(name)).mean:.3f}" for name in ends),
        *(_difference(comparison.against(result, other)) for other in (UNIFORM, STATIC)),
        *(f"{interval(result.values(name)).mean:.3f}" for name in ("run", "dead", "forgotten")),
    ]
    inside = "".join(f"<td>{cell}</td>" for cell in cells)
    return f"<tr{baseline}><td>{escape(result.schedule)}</td>{inside}</tr>"


def _difference(found: Interval | None) -> str:
    if found is None:
        return ""
    if found.low == found.high == 0.0:
        return "0"
    if found.low == found.high:
        return f"{found.mean:+.3f}"
    sign = ("good" if found.mean > 0 else "bad") if found.excludes_zero else "open"
    return f'<span class="{sign}">{found.mean:+.3f}</span> [{found.low:+.3f}, {found.high:+.3f}]'


def _key(families: Iterable[str]) -> str:
    lines = {OVERALL: INK, **colours(families), f"{OVERALL} of {UNIFORM} (dashed)": GREY}
    spans = "".join(
        f'<span><i style="color:{colour}"></i>{escape(name)}</span>'
        for name, colour in lines.items()
    )
    return f'<p class="key">{spans}</p>'


def _panels(comparison: Comparison) -> str:
    uniform = comparison.of(UNIFORM)
    panels = "".join(
        f"<figure><h3>{escape(one.schedule)}</h3>{curves(one, uniform)}</figure>"
        for one in comparison.results
    )
    return f'<div class="panels">{panels}</div>'


def _left_out(comparison: Comparison) -> str:
    if not comparison.left_out:
        return ""
    items = "".join(
        f"<li>{escape(name)}: {escape(why)}</li>" for name, why in comparison.left_out.items()
    )
    return f"<h2>Left out</h2><ul>{items}</ul>"
