"""A summary as Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from math import isfinite
from typing import cast

from rm_rewards import PLANNING
from rm_train.ablation.comparison import STEPS, Difference, Interval
from rm_train.ablation.outcome import ALL, OTHER
from rm_train.ablation.summary import NOT_RUN, ArmLine, Summary

MAIN = (PLANNING, OTHER, ALL)


def markdown(summary: Summary) -> str:
    """The tables to read: arms, types, differences, and what is missing."""
    parts = [
        f"# {summary.design.title}",
        _counts(summary),
        "## Arms",
        _table(_arm_head(summary), [_arm_row(summary, arm) for arm in summary.arms]),
        "## Held-out accuracy by type, before -> after",
        _table(_type_head(summary), [_type_row(summary, arm) for arm in summary.arms]),
        "## Differences to the baseline",
        _how_tested(summary),
        _table(_DIFFERENCES, [_difference_row(one) for one in summary.differences]),
    ]
    parts += ["## Runs, before -> after", _table(_run_head(summary), _run_rows(summary))]
    failed = {name: why for name, why in summary.missing.items() if why != NOT_RUN}
    if failed:
        lines = (f"- `{name}`: {reason}" for name, reason in failed.items())
        parts += [f"## Runs that failed ({len(failed)})", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def _counts(summary: Summary) -> str:
    kinds = ", ".join(f"{name} {n}" for name, n in summary.kinds.items())
    reach = summary.design.reach
    return (
        f"{summary.finished} of {summary.planned} planned runs are finished. All answered the same "
        f"held-out questions about {summary.maps} maps ({kinds}), graded by "
        f"`{summary.design.grading}`. Intervals are 95 %, over runs and maps. Steps: until the "
        f"running mean of {reach.window} steps of training accuracy on {reach.kind} (questions "
        f"asked for the first time) is {reach.level:g}; `>` where fewer than half of the runs got "
        "there; the mean counts the others with the last step. Dead: share of groups whose replies "
        f"all earned the same, and in brackets where {reach.kind} was asked; no gradient: share of "
        f"steps of dead groups alone; entropy: of a token where {reach.kind} was asked, first and "
        "last tenth of those steps; legs right: share of held-out routes with as many legs as the "
        "gold route, and in brackets with one leg."
    )


def _how_tested(summary: Summary) -> str:
    baseline = ", ".join(f"{name} {label}" for name, label in summary.design.baseline.items())
    return (
        f"Against {baseline}; pairs of runs that differ in that factor alone. p (maps) is the "
        "clustered sign-flip test over maps, p (runs) that over pairs of runs (below 0.05 only "
        "with six pairs or more); the larger, after Holm's correction over the comparisons of one "
        "kind, decides. Steps are a share of the run's length, less is better. Detectable: the "
        "difference between runs that such a comparison would find in 80 of 100 cases."
    )


def console(summary: Summary) -> str:
    """The arms, aligned for a terminal."""
    rows = [_arm_head(summary), *(_arm_row(summary, arm) for arm in summary.arms)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def csv_text(summary: Summary) -> str:
    """A line for each arm and kind of question."""
    out = io.StringIO()
    names = [*summary.arms[0].stratum, *summary.arms[0].arm]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [*names, "kind", "questions", "runs", "before", "accuracy", "low", "high", "reached",
         "median_steps", "mean_steps", "dead", "without_gradient", "entropy_end", "legs_right",
         "one_leg"]
    )  # fmt: skip
    for arm in summary.arms:
        for kind, found in arm.accuracy.items():
            steps = arm.steps
            writer.writerow(
                [*arm.stratum.values(), *arm.arm.values(), kind, summary.kinds[kind], arm.runs,
                 _number(arm.before.get(kind)), *map(_number, (found.mean, found.low, found.high)),
                 steps.reached, steps.median or "", _number(steps.mean), _number(arm.dead[0]),
                 _number(arm.without_gradient), _number(arm.entropy[1]), *map(_number, arm.legs)]
            )  # fmt: skip
    return out.getvalue()


def json_text(summary: Summary) -> str:
    """Everything."""
    plain = {**asdict(summary), "design": {"title": summary.design.title}}
    return json.dumps(_plain(plain), indent=1, ensure_ascii=False) + "\n"


def _plain(value: object) -> object:
    """What is not a number is null in JSON."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Mapping):
        held = cast("Mapping[object, object]", value)
        return {str(name): _plain(one) for name, one in held.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in cast("Sequence[object]", value)]
    return value


def _arm_head(summary: Summary) -> list[str]:
    first = summary.arms[0]
    kinds = [kind for kind in MAIN if kind in summary.kinds]
    reach = summary.design.reach
    return [
        *first.stratum, *first.arm, "runs", *kinds, f"steps to {reach.level:g} (mean)", "reached",
        "dead", "no gradient", "entropy", "legs right (one) before", "after",
    ]  # fmt: skip


def _arm_row(summary: Summary, arm: ArmLine) -> list[str]:
    steps = arm.steps
    half = f"{steps.median}" if steps.median is not None else f"> {steps.horizon}"
    return [
        *arm.stratum.values(),
        *arm.arm.values(),
        str(arm.runs),
        *(_shown(arm.accuracy[kind]) for kind in MAIN if kind in summary.kinds),
        f"{half} ({steps.mean:.0f})",
        f"{steps.reached}/{steps.runs}",
        f"{_share(arm.dead[0])} ({_share(arm.dead[1])})",
        _share(arm.without_gradient),
        f"{_share(arm.entropy[0])} -> {_share(arm.entropy[1])}",
        *(f"{_share(right)} ({_share(one)})" for right, one in (arm.legs_before, arm.legs)),
    ]


def _type_head(summary: Summary) -> list[str]:
    first = summary.arms[0]
    return [*first.stratum, *first.arm, *_types(summary)]


def _type_row(summary: Summary, arm: ArmLine) -> list[str]:
    cells = (
        f"{_share(arm.before.get(kind))} -> {_share(arm.accuracy[kind].mean)}"
        for kind in _types(summary)
    )
    return [*arm.stratum.values(), *arm.arm.values(), *cells]


def _types(summary: Summary) -> Iterator[str]:
    return (kind for kind in summary.kinds if kind not in MAIN)


def _run_kinds(summary: Summary) -> list[str]:
    planning = [kind for kind in summary.kinds if kind.startswith(f"{PLANNING},")]
    return [*planning, *(kind for kind in (OTHER, ALL) if kind in summary.kinds)]


def _run_head(summary: Summary) -> list[str]:
    return [*summary.runs[0].labels, *_run_kinds(summary)]


def _run_rows(summary: Summary) -> list[list[str]]:
    return [
        [
            *run.labels.values(),
            *(
                f"{_share(run.before.get(kind))} -> {_share(run.after[kind])}"
                for kind in _run_kinds(summary)
            ),
        ]
        for run in summary.runs
    ]


_DIFFERENCES = (
    "where", "factor", "level", "of", "pairs", "change", "p (maps)", "p (runs)", "p (Holm)",
    "verdict", "detectable",
)  # fmt: skip


def _difference_row(one: Difference) -> list[str]:
    where = ", ".join(f"{name} {label}" for name, label in one.stratum.items()) or "-"
    return [
        where,
        one.factor,
        one.level,
        "steps to the level" if one.kind == STEPS else one.kind,
        str(one.runs),
        f"{one.change.mean:+.3f} [{one.change.low:+.3f}, {one.change.high:+.3f}]",
        "-" if one.p_questions is None else f"{one.p_questions:.4f}",
        f"{one.p_runs:.4f}",
        f"{one.adjusted:.4f}",
        one.verdict,
        "-" if one.detectable is None else f"{one.detectable:.3f}",
    ]


def _shown(found: Interval) -> str:
    return f"{found.mean:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _share(value: float | None) -> str:
    return "-" if value is None or not isfinite(value) else f"{value:.2f}"


def _number(value: float | None) -> str:
    return "" if value is None or not isfinite(value) else f"{value:.5f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
