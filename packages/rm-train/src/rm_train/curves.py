"""Reward and accuracy by step as a picture, the stages of the curriculum as its background."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

_STAGES: Final = ("#dbe9f6", "#e3f1dd", "#fbe6cf", "#efe0f0", "#f6dede", "#e6e6e6")
_WINDOW: Final = 10


def read_metrics(path: Path) -> list[dict[str, Any]]:
    """The lines of a metrics.jsonl; an unfinished last one is left out."""
    lines: list[dict[str, Any]] = []
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            lines.append(json.loads(text))
        except ValueError:
            continue
    return lines


def plot_curves(metrics: Sequence[Mapping[str, Any]], target: Path | BinaryIO) -> None:
    """Write the picture: two panels, thin lines as measured, thick ones their running mean.

    The mean never reaches over the border of a stage: what lies behind it is another task.
    """
    figure = Figure(figsize=(9, 6), dpi=110, layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True)
    columns = sorted({name for line in metrics for name in line["rewards"]})
    series: dict[str, list[float | None]] = {"reward": [line["reward"] for line in metrics]}
    if len(columns) > 1:
        series |= {name: [line["rewards"].get(name) for line in metrics] for name in columns}
    _panel(upper, metrics, series, "mean reward of a step")
    _panel(lower, metrics, {"accuracy": [line["accuracy"] for line in metrics]}, "accuracy")
    lower.set_ylim(-0.02, 1.02)
    lower.set_xlabel("step")
    figure.suptitle("Reward and accuracy of the sampled replies")
    patches = [Patch(color=colour, label=stage) for stage, colour in _colours(metrics).items()]
    figure.legend(handles=patches, loc="outside lower center", ncols=6, fontsize=8, frameon=False)
    figure.savefig(target, format="png")


def _panel(
    axes: Axes,
    metrics: Sequence[Mapping[str, Any]],
    series: Mapping[str, Sequence[float | None]],
    label: str,
) -> None:
    colours = _colours(metrics)
    runs = [list(run) for _, run in groupby(metrics, lambda line: (line["epoch"], line["stage"]))]
    for lines in runs:
        first, last = lines[0]["step"] - 0.5, lines[-1]["step"] + 0.5
        axes.axvspan(first, last, color=colours[lines[0]["stage"]], linewidth=0)
    steps = [line["step"] for line in metrics]
    for number, (name, values) in enumerate(series.items()):
        found = [float("nan") if value is None else value for value in values]
        colour = f"C{number}"
        axes.plot(steps, found, color=colour, linewidth=0.7, alpha=0.4)
        start = 0
        for lines in runs:
            part = slice(start, start + len(lines))
            start += len(lines)
            shown = name if part.start == 0 else None
            mean = _running_mean(found[part])
            axes.plot(steps[part], mean, color=colour, linewidth=2, label=shown)
    axes.set_ylabel(label)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8, frameon=False)
    axes.margins(x=0)


def _colours(metrics: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    names = dict.fromkeys(str(line["stage"]) for line in metrics)
    return {name: _STAGES[place % len(_STAGES)] for place, name in enumerate(names)}


def _running_mean(values: Sequence[float]) -> list[float]:
    means: list[float] = []
    for end in range(1, len(values) + 1):
        part = values[max(0, end - _WINDOW) : end]
        means.append(sum(part) / len(part))
    return means
