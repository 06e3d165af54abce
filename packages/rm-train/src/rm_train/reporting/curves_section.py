"""The curves of runs: one small chart a number, with a line for each run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Final, TypeAlias

from rm_train.reporting.chart import Band, Curve, Ground, Point, chart, finite
from rm_train.reporting.recorded import Line, Recorded

Number: TypeAlias = Callable[[Line], object]

_STAGES: Final = ("#e3eef8", "#e7f3e2", "#fcefdf", "#f3e8f4", "#f8e6e6", "#ececec")
_SHARES: Final = ("accuracy", "correct", "dead_groups", "dead_right", "dead_wrong", "truncated")

_TITLES: Final = {
    "reward": "reward (mean of a step)",
    "accuracy": "accuracy of the samples",
    "dead_groups": "dead groups: all replies earn the same",
    "dead_right": "dead groups: all right",
    "dead_wrong": "dead groups: all wrong",
    "kl": "KL to the reference",
    "entropy": "entropy",
    "completion_length": "length of the replies, tokens",
    "truncated": "replies cut off at the longest length",
    "grad_norm": "norm of the gradient",
    "lr": "learning rate",
    "rollout_difference": "vLLM against the policy, log-probability",
    "step_time": "seconds of a step",
}
"""What is drawn of each step, in this order."""


def curves_section(runs: Sequence[Recorded]) -> Iterator[str]:
    """The charts of the reinforcement learning, and those of the warm-up."""
    learned = [run for run in runs if run.metrics]
    if learned:
        yield "<h2>Curves</h2>"
        yield (
            "<p>By step: thin as measured, thick the mean of ten steps within a stage. The number "
            "beside a title is the mean of the last ten.</p>"
        )
        yield _legend(learned)
        yield from _stage_legend(learned)
        yield f'<div class="charts">{"".join(_charts(learned, _ground(learned)))}</div>'
    warmed = [run for run in runs if run.warmup]
    if warmed:
        yield "<h2>Supervised learning of gold answers</h2>"
        yield _legend(warmed)
        titles = {"loss": "loss", "grad_norm": "norm of the gradient", "lr": "learning rate"}
        ground = _steps([run.warmup for run in warmed])
        made = (
            chart(title, [_curve(run, run.warmup, _of(name)) for run in warmed], ground)
            for name, title in titles.items()
        )
        yield f'<div class="charts">{"".join(made)}</div>'


def _charts(runs: Sequence[Recorded], ground: Ground) -> Iterator[str]:
    yield _chart("reward", runs, ground)
    for part in _names(runs, "rewards"):
        yield _drawn(f"reward part: {part}", runs, ground, _within("rewards", part))
    yield _chart("accuracy", runs, ground)
    for kind in _names(runs, "accuracy_by_type"):
        number = _within("accuracy_by_type", kind)
        yield _drawn(f"accuracy: {kind}", runs, ground, number, share=True)
    for name in list(_TITLES)[2:]:
        yield _chart(name, runs, ground)
    for name in _names(runs, "method"):
        yield _drawn(f"method: {name}", runs, ground, _within("method", name))


def _chart(name: str, runs: Sequence[Recorded], ground: Ground) -> str:
    return _drawn(_TITLES[name], runs, ground, _of(name), share=name in _SHARES)


def _drawn(
    title: str,
    runs: Sequence[Recorded],
    ground: Ground,
    number: Number,
    *,
    share: bool = False,
) -> str:
    return chart(title, [_curve(run, run.metrics, number) for run in runs], ground, share=share)


def _curve(run: Recorded, lines: Sequence[Line], number: Number) -> Curve:
    pieces: list[list[Point]] = []
    for _, group in groupby(lines, _place):
        found = ((float(line["step"]), finite(number(line))) for line in group if "step" in line)
        pieces.append([(step, value) for step, value in found if value is not None])
    return Curve(run.name, run.colour, [piece for piece in pieces if piece])


def _place(line: Line) -> tuple[object, object]:
    return line.get("epoch"), line.get("stage")


def _of(name: str) -> Number:
    return lambda line: line.get(name)


def _within(section: str, name: str) -> Number:
    def number(line: Line) -> object:
        inner: Mapping[str, object] = line.get(section) or {}
        return inner.get(name)

    return number


def _names(runs: Sequence[Recorded], section: str) -> list[str]:
    """The names in a section of any step, in the order in which they come."""
    lines = (line for run in runs for line in run.metrics)
    return list(dict.fromkeys(str(name) for line in lines for name in line.get(section) or ()))


def _stages(run: Recorded) -> tuple[tuple[object, object, float], ...]:
    """Round, name and first step of each stage."""
    groups = groupby(run.metrics, _place)
    return tuple((*place, float(next(lines).get("step", 0))) for place, lines in groups)


def _steps(lines: Sequence[Sequence[Line]], bands: Sequence[Band] = ()) -> Ground:
    steps = [float(line["step"]) for run in lines for line in run if "step" in line]
    return Ground(min(steps), max(steps), bands)


def _ground(runs: Sequence[Recorded]) -> Ground:
    """Stages that all runs share as background, others as borders in the colour of their run."""
    shared = len({_stages(run) for run in runs}) == 1
    bands = _bands(runs[0]) if shared else [b for run in runs for b in _borders(run)]
    return _steps([run.metrics for run in runs], bands)


def _borders(run: Recorded) -> list[Band]:
    return [Band(start, start, run.colour) for _, _, start in _stages(run)[1:]]


def _bands(run: Recorded) -> list[Band]:
    colours = _stage_colours(run)
    made: list[Band] = []
    for (_, stage), group in groupby(run.metrics, _place):
        steps = [float(line["step"]) for line in group]
        made.append(Band(steps[0] - 0.5, steps[-1] + 0.5, colours[str(stage)]))
    return made


def _stage_colours(run: Recorded) -> dict[str, str]:
    names = dict.fromkeys(str(line.get("stage")) for line in run.metrics)
    return {name: _STAGES[place % len(_STAGES)] for place, name in enumerate(names)}


def _legend(runs: Sequence[Recorded]) -> str:
    if len(runs) == 1:
        return ""
    names = "".join(
        f'<li><b style="background:{run.colour}"></b>{escape(run.name)}</li>' for run in runs
    )
    return f'<ul class="legend">{names}</ul>'


def _stage_legend(runs: Sequence[Recorded]) -> Iterator[str]:
    """The stages with their steps: once if all runs share them, else for each run."""
    shared = len({_stages(run) for run in runs}) == 1
    for run in runs[:1] if shared else runs:
        colours = _stage_colours(run) if shared else {}
        made: list[str] = []
        for (epoch, stage), group in groupby(run.metrics, _place):
            steps = [line["step"] for line in group]
            chip = f'<b style="background:{colours[str(stage)]}"></b>' if colours else ""
            again = f", round {int(str(epoch)) + 1}" if str(epoch).isdigit() and epoch else ""
            made.append(
                f"<li>{chip}{escape(str(stage))} "
                f"<small>steps {steps[0]} to {steps[-1]}{again}</small></li>"
            )
        name = "" if shared else f"{escape(run.name)}: "
        yield f'<ul class="legend stages">{name}stages {"".join(made)}</ul>'
