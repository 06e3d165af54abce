"""The learning curves of a comparison as a PNG; needs matplotlib (the extra `plots`)."""

from __future__ import annotations

from importlib import import_module
from io import BytesIO
from math import ceil
from typing import Any, TypeAlias

from rm_curriculum.errors import CurriculumError
from rm_curriculum.simulation.chart import GREY, INK, colours
from rm_curriculum.simulation.comparison import OVERALL, UNIFORM, Comparison, Result

Axes: TypeAlias = Any  # matplotlib is loaded when a picture is drawn


def picture(comparison: Comparison) -> bytes:
    """A panel a schedule, the best first: "all" with its band, the families, uniform dashed.

    Raises:
        CurriculumError: If matplotlib is not installed.
    """
    try:
        new_figure: Any = import_module("matplotlib.figure").Figure
    except ImportError:
        raise CurriculumError(
            "a PNG needs matplotlib: pip install 'rm-curriculum[plots]', or write --html instead"
        ) from None
    results = comparison.results
    columns = min(4, len(results))
    rows = ceil(len(results) / columns)
    figure: Any = new_figure(
        figsize=(1 + 2.9 * columns, 1 + 2.1 * rows), dpi=110, layout="constrained"
    )
    axes: list[Axes] = list(
        figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flat
    )
    for panel, result in zip(axes, results, strict=False):
        _draw(panel, result, comparison.of(UNIFORM))
    for panel in axes[len(results) :]:
        panel.set_visible(False)
    figure.suptitle(
        "Synthetic learner: accuracy on held-out questions by questions asked, mean of "
        f"{len(comparison.seeds)} learners"
    )
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=6, frameon=False, fontsize=8)
    made = BytesIO()
    figure.savefig(made, format="png", metadata={"Software": None})
    return made.getvalue()


def _draw(panel: Axes, result: Result, uniform: Result | None) -> None:
    for name, colour in colours(result.families).items():
        band = result.band(name)
        panel.plot(
            band.asked, [p.mean for p in band.points], color=colour, linewidth=1.0, label=name
        )
    overall = result.band(OVERALL)
    panel.fill_between(
        overall.asked,
        [p.low for p in overall.points],
        [p.high for p in overall.points],
        color=INK,
        alpha=0.15,
        linewidth=0,
    )
    if uniform is not None:
        band = uniform.band(OVERALL)
        panel.plot(
            band.asked,
            [p.mean for p in band.points],
            color=GREY,
            linewidth=1.4,
            linestyle="--",
            label=f"{OVERALL} of {UNIFORM}",
        )
    panel.plot(
        overall.asked, [p.mean for p in overall.points], color=INK, linewidth=1.8, label=OVERALL
    )
    panel.set_title(f"{result.schedule}  {overall.points[-1].mean:.3f}", fontsize=9)
    panel.set_xlim(0, overall.asked[-1])
    panel.set_ylim(-0.02, 1.02)
    panel.grid(color="#e3e8ee", linewidth=0.6)
    panel.tick_params(labelsize=7)
