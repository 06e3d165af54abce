"""A comparison as a few aligned lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rm_curriculum.simulation.comparison import BASELINES, OVERALL, Comparison, Result
from rm_curriculum.simulation.intervals import LEVEL, Interval, interval


def summary(comparison: Comparison) -> Iterator[str]:
    """A head, a line a schedule with the best first, and what was left out."""
    families = comparison.results[0].families
    learners = "learner" if len(comparison.seeds) == 1 else "learners"
    yield (
        f"{len(comparison.seeds)} {learners}, {comparison.asked:,} questions in batches of "
        f"{comparison.budget.batch}; accuracy at the end on held-out questions, {LEVEL:.0%} "
        "intervals of the differences on the same learners; ? where they hold 0"
    )
    head = ("schedule", OVERALL, *families, *(f"- {name}" for name in BASELINES), "dead", "forgot")
    rows = [head, *(_row(comparison, one) for one in comparison.results)]
    yield from _aligned(rows)
    for name, why in comparison.left_out.items():
        yield f"left out: {name}: {why}"


def _row(comparison: Comparison, result: Result) -> tuple[str, ...]:
    ends = [f"{interval(result.values(name)).mean:.3f}" for name in (OVERALL, *result.families)]
    differences = [_difference(comparison.against(result, name)) for name in BASELINES]
    rest = [f"{interval(result.values(name)).mean:.3f}" for name in ("dead", "forgotten")]
    return (result.schedule, *ends, *differences, *rest)


def _difference(found: Interval | None) -> str:
    if found is None:
        return ""
    if found.low == found.high == 0.0:
        return "0"
    if found.low == found.high:
        return f"{found.mean:+.3f}"  # a single learner: nothing is known of the spread
    half = (found.high - found.low) / 2
    return f"{found.mean:+.3f} ± {half:.3f}" + ("" if found.excludes_zero else " ?")


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [f"{row[0]:<{widths[0]}}"]
        cells += [f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True)]
        yield "  ".join(cells).rstrip()
