"""A small chart as SVG: a line for each run, thin as measured and thick as a running mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, isfinite, log10
from typing import Final, TypeAlias

Point: TypeAlias = tuple[float, float]

WINDOW: Final = 10
"""Steps of the running mean, which never reaches over the border of a stage."""

_WIDTH, _HEIGHT = 360, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 8, 8, 22
_MOST_POINTS: Final = 300


@dataclass(frozen=True, slots=True)
class Curve:
    """One line: pieces that belong together, each a stage of the run."""

    name: str
    colour: str
    pieces: Sequence[Sequence[Point]]

    @property
    def points(self) -> list[Point]:
        """All of them, in order."""
        return [point for piece in self.pieces for point in piece]


@dataclass(frozen=True, slots=True)
class Band:
    """A stage as background, from the first step to the last; without a width, its border alone."""

    start: float
    end: float
    colour: str


@dataclass(frozen=True, slots=True)
class Ground:
    """What the charts of a page have in common: the steps, and the stages."""

    first: float
    last: float
    bands: Sequence[Band] = ()


def chart(
    title: str,
    curves: Sequence[Curve],
    ground: Ground,
    *,
    share: bool = False,
) -> str:
    """The chart with its title and newest values as an HTML figure; empty without numbers.

    Args:
        title: What is drawn.
        curves: One for each run.
        ground: The steps and stages.
        share: Whether the axis goes from 0 to 1.
    """
    drawn = [curve for curve in curves if curve.points]
    if not drawn:
        return ""
    every = [point for curve in drawn for point in curve.points]
    low, high = (0.0, 1.0) if share else _range([y for _, y in every])
    frame = _Frame(ground.first, ground.last, low, high)
    body = [
        *(frame.band(band) for band in ground.bands),
        *frame.axes(),
        *(frame.curve(curve) for curve in drawn),
    ]
    ends = " ".join(
        f'<span style="color:{curve.colour}">{_short(_mean_end(curve))}</span>' for curve in drawn
    )
    return (
        f'<figure class="chart"><figcaption>{escape(title)} <span class="ends">{ends}</span>'
        f'</figcaption><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title)} by step">{"".join(body)}</svg></figure>'
    )


def _mean_end(curve: Curve) -> float:
    last = [y for _, y in curve.pieces[-1]][-WINDOW:] or [y for _, y in curve.points][-WINDOW:]
    return sum(last) / len(last)


@dataclass(frozen=True, slots=True)
class _Frame:
    """From numbers to places in the picture."""

    first: float
    last: float
    low: float
    high: float

    def x(self, step: float) -> float:
        span = (self.last - self.first) or 1.0
        inside = min(max(step, self.first), self.last)
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (inside - self.first) / span

    def y(self, value: float) -> float:
        span = (self.high - self.low) or 1.0
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - (value - self.low) / span)

    def band(self, band: Band) -> str:
        left, right = self.x(band.start), self.x(band.end)
        height = _HEIGHT - _TOP - _BOTTOM
        if band.start == band.end:
            return (
                f'<line class="border" x1="{left:.1f}" x2="{left:.1f}" y1="{_TOP}" '
                f'y2="{_TOP + height}" stroke="{band.colour}"/>'
            )
        return (
            f'<rect x="{left:.1f}" y="{_TOP}" width="{max(right - left, 0):.1f}" '
            f'height="{height}" fill="{band.colour}"/>'
        )

    def axes(self) -> list[str]:
        return [
            *(self._level(value) for value in ticks(self.low, self.high)),
            *(self._step(value) for value in ticks(self.first, self.last, most=5)),
        ]

    def _level(self, value: float) -> str:
        place = self.y(value)
        return (
            f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{place:.1f}" '
            f'y2="{place:.1f}"/><text x="{_LEFT - 4}" y="{place + 3:.1f}" '
            f'text-anchor="end">{_short(value)}</text>'
        )

    def _step(self, value: float) -> str:
        return (
            f'<text x="{self.x(value):.1f}" y="{_HEIGHT - 8}" text-anchor="middle">'
            f"{_short(value)}</text>"
        )

    def curve(self, curve: Curve) -> str:
        made: list[str] = []
        for piece in curve.pieces:
            if not piece:
                continue
            thin, thick = thinned(piece), thinned(running_mean(piece))
            made.append(self._line(thin, curve.colour, 'stroke-width="0.8" opacity="0.35"'))
            made.append(self._line(thick, curve.colour, 'stroke-width="2"'))
        return "".join(made)

    def _line(self, points: Sequence[Point], colour: str, style: str) -> str:
        if len(points) == 1:
            x, y = points[0]
            return f'<circle cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="2" fill="{colour}"/>'
        places = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        return f'<polyline fill="none" stroke="{colour}" {style} points="{places}"/>'


def running_mean(piece: Sequence[Point]) -> list[Point]:
    """Each point with the mean of itself and of those before it, at most `WINDOW`."""
    made: list[Point] = []
    for end in range(1, len(piece) + 1):
        part = piece[max(0, end - WINDOW) : end]
        made.append((piece[end - 1][0], sum(y for _, y in part) / len(part)))
    return made


def thinned(points: Sequence[Point]) -> list[Point]:
    """At most a few hundred points: neighbours become their mean."""
    size = ceil(len(points) / _MOST_POINTS)
    if size <= 1:
        return list(points)
    groups = [points[i : i + size] for i in range(0, len(points), size)]
    return [(sum(x for x, _ in g) / len(g), sum(y for _, y in g) / len(g)) for g in groups]


def finite(value: object) -> float | None:
    """The number, if it is one that can be drawn."""
    usable = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if usable and isfinite(float(value)) else None  # pyright: ignore[reportArgumentType] - usable


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    return low - room, high + room


def ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Round numbers in the range, 1, 2 or 5 times a power of ten apart."""
    span = high - low
    if span <= 0:
        return [low]
    rough = span / most
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first = ceil(low / step - 1e-9)
    return [step * number for number in range(first, floor(high / step + 1e-9) + 1)]


def _short(value: float) -> str:
    """At most three digits that count: `0.25`, `120`, `1e-06`."""
    return f"{value:.3g}" if abs(value) < 10_000 else f"{value:,.0f}"
