"""Charts as SVG text: curves with their bands, and means with their intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor
from types import MappingProxyType
from typing import Final

from rm_curriculum.simulation.comparison import (
    BASELINES,
    OVERALL,
    UNIFORM,
    Band,
    Comparison,
    Result,
)
from rm_curriculum.simulation.intervals import Interval, interval

COLOURS: Final = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#7a5195")
"""By family, in their order: told apart with any colour vision, and again from there on."""

INK: Final = "#1c2530"
GREY: Final = "#8a94a0"

_ROW: Final = 22
_MARGIN: Final = 150
_STEPS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where values lie on the picture."""

    left: float
    top: float
    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float] = (0.0, 1.0)

    def at(self, x: float, y: float = 0.0) -> tuple[float, float]:
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return self.left + across * self.width, self.top + (1.0 - up) * self.height


def colours(families: Iterable[str]) -> Mapping[str, str]:
    """The colour of each family."""
    return MappingProxyType({name: COLOURS[i % len(COLOURS)] for i, name in enumerate(families)})


def curves(result: Result, uniform: Result | None) -> str:
    """The families' curves, "all" with its band over them, and "all" of `uniform` dashed."""
    total = result.band(OVERALL).asked[-1]
    frame = _Frame(34, 8, 250, 130, (0.0, total))
    parts = [_grid(frame)]
    for name, colour in colours(result.families).items():
        parts.append(_line(frame, result.band(name), colour, 1.4))
    overall = result.band(OVERALL)
    parts.append(_area(frame, overall))
    if uniform is not None and uniform.schedule != result.schedule:
        parts.append(_line(frame, uniform.band(OVERALL), GREY, 2.0, 'stroke-dasharray="5 4"'))
    parts.append(_line(frame, overall, INK, 2.4))
    parts.append(_text(frame.left, 154, "0", "middle"))
    parts.append(_text(frame.left + frame.width, 154, f"{total:,.0f} questions", "end"))
    return _picture(300, 162, f"Learning curves of {result.schedule}", parts)


def forest(comparison: Comparison, measure: str) -> str:
    """The accuracy at the end of every schedule with its interval, the best on top."""
    found = [(one.schedule, measured(one, measure)) for one in comparison.results]
    found.sort(key=lambda pair: -pair[1].mean)
    ticks = _ticks([value for _, value in found])
    frame = _Frame(_MARGIN, 6, 250, _ROW * len(found), (ticks[0], ticks[-1]))
    parts = [_scale(frame, ticks)]
    uniform = dict(found).get(UNIFORM)
    if uniform is not None:
        x = frame.at(uniform.mean)[0]
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{frame.top}" '
            f'y2="{frame.top + frame.height}" stroke="{GREY}" stroke-dasharray="5 4"/>'
        )
    for place, (name, value) in enumerate(found):
        parts.append(_mark(frame, place, name, value))
    height = frame.top + frame.height + 24
    return _picture(_MARGIN + 310, height, f"Accuracy at the end: {measure}", parts)


def measured(result: Result, measure: str) -> Interval:
    """The interval of one measure at the end."""
    return interval(result.values(measure))


def _ticks(values: Sequence[Interval]) -> list[float]:
    """Round numbers around all the intervals, seven at most."""
    low, high = min(one.low for one in values), max(one.high for one in values)
    step = next(one for one in _STEPS if (high - low) / one <= 5 or one == _STEPS[-1])
    first, last = floor(low / step), max(ceil(high / step), floor(low / step) + 1)
    return [round(number * step, 6) for number in range(first, last + 1)]


def _mark(frame: _Frame, place: int, name: str, value: Interval) -> str:
    y = frame.top + _ROW * (place + 0.5)
    left, middle, right = (frame.at(x)[0] for x in (value.low, value.mean, value.high))
    weight = ' style="font-weight:bold"' if name in BASELINES else ""
    return (
        f'<text x="{frame.left - 8}" y="{y + 4:.1f}" text-anchor="end"{weight}>'
        f"{escape(name)}</text>"
        f'<line x1="{left:.1f}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="{INK}" '
        f'stroke-width="2"/><circle cx="{middle:.1f}" cy="{y:.1f}" r="4" fill="{INK}"/>'
        f'<text x="{frame.left + frame.width + 8}" y="{y + 4:.1f}">{value.mean:.3f}</text>'
    )


def _scale(frame: _Frame, ticks: Sequence[float]) -> str:
    bottom = frame.top + frame.height
    parts: list[str] = []
    for value in ticks:
        x = frame.at(value)[0]
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{frame.top}" y2="{bottom}" stroke="#e3e8ee"/>'
        )
        parts.append(_text(x, bottom + 16, f"{value:g}", "middle"))
    return "".join(parts)


def _grid(frame: _Frame) -> str:
    parts: list[str] = []
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = frame.at(0.0, value)[1]
        parts.append(
            f'<line x1="{frame.left}" x2="{frame.left + frame.width}" y1="{y:.1f}" '
            f'y2="{y:.1f}" stroke="#e3e8ee"/>'
        )
        parts.append(_text(frame.left - 5, y + 4, f"{value:g}", "end"))
    return "".join(parts)


def _line(frame: _Frame, band: Band, colour: str, width: float, extra: str = "") -> str:
    places = [
        "{:.1f},{:.1f}".format(*frame.at(x, one.mean))
        for x, one in zip(band.asked, band.points, strict=True)
    ]
    return (
        f'<polyline points="{" ".join(places)}" fill="none" stroke="{colour}" '
        f'stroke-width="{width}" {extra}/>'
    )


def _area(frame: _Frame, band: Band) -> str:
    upper = [frame.at(x, p.high) for x, p in zip(band.asked, band.points, strict=True)]
    lower = [frame.at(x, p.low) for x, p in zip(band.asked, band.points, strict=True)]
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in (*upper, *reversed(lower)))
    return f'<polygon points="{places}" fill="{INK}" fill-opacity="0.15"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _picture(width: float, height: float, title: str, parts: Iterable[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" '
        f'role="img"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )
