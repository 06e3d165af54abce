"""Reward and accuracy by step as a picture, the stages of the curriculum as its background."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

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
    """Write the picture: two panels, thin lines as measured, thick ones a running mean."""
    figure = Figure(figsize=(9, 6), dpi=110, layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True)
    steps = [line["step"] for line in metrics]
    columns = sorted({name for line in metrics for name in line["rewards"]})
    series = {"reward (sum)": [line["reward"] for line in metrics]}
    if len(columns) > 1:
        series |= {name: [line["rewards"].get(name) for line in metrics] for name in columns}
    _panel(upper, metrics, steps, series, "mean reward of a step")
    _panel(lower, metrics, steps, {"accuracy": [line["accuracy"] for line in metrics]}, "accuracy")
    lower.set_ylim(-0.02, 1.02)
    lower.set_xlabel("step")
    figure.suptitle("Reward and accuracy of the sampled replies; background: curriculum stage")
    figure.savefig(target, format="png")


def _panel(
    axes: Axes,
    metrics: Sequence[Mapping[str, Any]],
    steps: Sequence[int],
    series: Mapping[str, Sequence[float | None]],
    label: str,
) -> None:
    _stages(axes, metrics)
    for number, (name, values) in enumerate(series.items()):
        known = [(s, v) for s, v in zip(steps, values, strict=True) if v is not None]
        if not known:
            continue
        xs, ys = [s for s, _ in known], [v for _, v in known]
        axes.plot(xs, ys, color=f"C{number}", linewidth=0.7, alpha=0.35)
        axes.plot(xs, _running_mean(ys), color=f"C{number}", linewidth=2, label=name)
    axes.set_ylabel(label)
    axes.legend(loc="upper left", fontsize=8)
    axes.margins(x=0)


def _stages(axes: Axes, metrics: Sequence[Mapping[str, Any]]) -> None:
    names = list(dict.fromkeys(line["stage"] for line in metrics))
    for stage, run in groupby(metrics, lambda line: line["stage"]):
        lines = list(run)
        first, last = lines[0]["step"] - 0.5, lines[-1]["step"] + 0.5
        axes.axvspan(first, last, color=_STAGES[names.index(stage) % len(_STAGES)], linewidth=0)
        middle = (first + last) / 2
        transform = axes.get_xaxis_transform()
        axes.text(middle, 1.01, stage, transform=transform, ha="center", va="bottom", fontsize=8)


def _running_mean(values: Sequence[float]) -> list[float]:
    means: list[float] = []
    for end in range(1, len(values) + 1):
        part = values[max(0, end - _WINDOW) : end]
        means.append(sum(part) / len(part))
    return means
