"""Pictures of an ablation: curves with their bands, and accuracies with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rm_rewards import PLANNING
from rm_train.ablation.comparison import student_interval
from rm_train.ablation.design import Labels
from rm_train.ablation.outcome import ALL, OTHER, Floats, Outcome, Outcomes
from rm_train.ablation.summary import ArmLine, Summary

COLOURS: Final = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5195", "#555555",
)  # fmt: skip
"""By arm, in their order: told apart with any colour vision."""
_LINES: Final = ("-", "--", "-.", ":")
_POINTS: Final = 60


def plot_curves(outcomes: Outcomes, factor: str, target: Path) -> None:
    """Training accuracy of the watched type by step: a panel a stratum, a band an arm."""
    panels = _panels(outcomes, factor)
    figure, axes = _figure(len(panels), 3.2)
    reach = outcomes.work.design.reach
    for panel, (stratum, arms) in zip(axes, panels.items(), strict=False):
        for number, (label, runs) in enumerate(arms.items()):
            _band(panel, runs, reach.kind, reach.window, number, f"{label} ({len(runs)})")
        panel.axhline(reach.level, color="#8a94a0", linewidth=0.8, linestyle=":")
        panel.set_title(stratum or outcomes.work.design.title, fontsize=9)
        panel.set_xlabel("step")
        panel.set_ylim(bottom=0)
        if panel.lines[:-1]:  # the last is the level
            panel.legend(fontsize=7, frameon=False, title=f"{factor} (runs)", title_fontsize=7)
        else:
            panel.text(0.5, 0.5, f"no run of {reach.window} steps", transform=panel.transAxes)
    axes[0].set_ylabel(f"training accuracy, {reach.kind}")
    figure.suptitle(
        f"Mean of the runs with its 95 % interval; running mean of {reach.window} steps",
        fontsize=9,
    )
    figure.savefig(target)


def _panels(outcomes: Outcomes, factor: str) -> dict[str, dict[str, list[Outcome]]]:
    """By stratum and level of the factor: the runs that have the baseline of all other factors."""
    baseline = outcomes.work.design.baseline
    panels: dict[str, dict[str, list[Outcome]]] = {}
    for run in outcomes.runs:
        if all(run.trial.arm[name] == baseline[name] for name in baseline if name != factor):
            arms = panels.setdefault(_named(run.trial.stratum), {})
            arms.setdefault(run.trial.arm[factor], []).append(run)
    return panels


def _named(labels: Labels) -> str:
    return ", ".join(f"{name} {label}" for name, label in labels.items())


def _figure(panels: int, height: float) -> tuple[Figure, list[Axes]]:
    columns = min(panels, 3)
    rows = ceil(panels / columns)
    figure = Figure(figsize=(3.6 * columns + 0.6, height * rows), dpi=110, layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
    axes: list[Axes] = list(grid.flat)
    for spare in axes[panels:]:
        spare.set_visible(False)
    return figure, axes


def _band(
    axes: Axes, runs: Sequence[Outcome], kind: str, window: int, number: int, label: str
) -> None:
    curves = [curve for run in runs if len(curve := _smoothed(run, kind, window))]
    if not curves:
        return
    first = max(curve[0, 0] for curve in curves)
    last = min(curve[-1, 0] for curve in curves)
    if last < first:
        return
    grid: Floats = np.linspace(first, last, _POINTS, dtype=np.float64)
    values: Floats = np.stack([np.interp(grid, curve[:, 0], curve[:, 1]) for curve in curves])
    colour, line = COLOURS[number % len(COLOURS)], _LINES[number % len(_LINES)]
    axes.plot(grid, values.mean(axis=0), color=colour, linestyle=line, linewidth=1.8, label=label)
    if len(values) > 1:
        ends = [student_interval(values[:, place]) for place in range(_POINTS)]
        low = [max(0.0, one.low) for one in ends]
        high = [min(1.0, one.high) for one in ends]
        axes.fill_between(grid, low, high, color=colour, alpha=0.15, linewidth=0)


def _smoothed(run: Outcome, kind: str, window: int) -> Floats:
    """Steps and running means, (n, 2)."""
    found = run.trained(kind)
    rows = [
        (found[end - 1][0], sum(value for _, value in found[end - window : end]) / window)
        for end in range(window, len(found) + 1)
    ]
    return np.array(rows, dtype=np.float64)


def plot_final(summary: Summary, target: Path) -> None:
    """Held-out accuracy at the end of every arm: planning beside all other types."""
    kinds = [kind for kind in (PLANNING, OTHER) if kind in summary.kinds] or [ALL]
    figure, axes = _figure(len(kinds), 1.2 + 0.26 * len(summary.arms))
    labels = [_arm_name(arm) for arm in summary.arms]
    places = np.arange(len(labels))[::-1]
    for panel, kind in zip(axes, kinds, strict=False):
        for place, arm in zip(places, summary.arms, strict=True):
            _whisker(panel, float(place), arm, kind, _colour(summary, arm))
        panel.set_title(f"{kind} ({summary.kinds[kind]} questions)", fontsize=9)
        panel.set_yticks(places, labels, fontsize=7)
        panel.set_ylim(-0.6, len(labels) - 0.4)
        panel.set_xlabel("held-out accuracy")
        panel.grid(axis="x", color="#e3e8ee")
        panel.set_axisbelow(True)
    figure.suptitle(
        "At the end, with 95 % intervals over runs and maps; | at the start", fontsize=9
    )
    figure.savefig(target)


def _whisker(axes: Axes, place: float, arm: ArmLine, kind: str, colour: str) -> None:
    found = arm.accuracy[kind]
    axes.plot([found.low, found.high], [place, place], color=colour, linewidth=2)
    axes.plot([found.mean], [place], "o", color=colour, markersize=5)
    if kind in arm.before:
        axes.plot([arm.before[kind]], [place], "|", color="#1c2530", markersize=9)


def _arm_name(arm: ArmLine) -> str:
    parts = [*arm.stratum.values(), *arm.arm.values()]
    return " / ".join(parts) + f"  ({arm.runs})"


def _colour(summary: Summary, arm: ArmLine) -> str:
    strata: Mapping[str, int] = {
        name: n for n, name in enumerate(dict.fromkeys(_named(a.stratum) for a in summary.arms))
    }
    return COLOURS[strata[_named(arm.stratum)] % len(COLOURS)]
