"""Lines over training steps as SVG: a share with its interval at every look, findings as marks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import Final, Literal, TypeAlias

Mark: TypeAlias = Literal["better", "worse", ""]

_WIDTH, _HEIGHT = 360, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 16, 24
_MARKS: Final = {"better": ("0,-7 6,4 -6,4", -9), "worse": ("0,7 6,-4 -6,-4", 9)}


@dataclass(frozen=True, slots=True)
class Dot:
    """One look: the step, the value with its interval, and what was found there."""

    step: int
    value: float
    low: float
    high: float
    mark: Mark = ""


def chart(title: str, dots: Sequence[Dot], *, around_zero: bool = False) -> str:
    """A figure with the line, its intervals as bars, and a triangle where something was found.

    Args:
        title: Above the line, with the newest value behind it.
        dots: One a look, at least one. Values are shares; the axis says percent, or points where
            `around_zero`.
        around_zero: Draw the line of no difference, and let the axis go below it.
    """
    frame = _Frame(dots, around_zero)
    body = [*frame.axes(), *(frame.bar(dot) for dot in dots), frame.line(dots)]
    body += [frame.dot(dot) for dot in dots]
    newest = f"{100 * dots[-1].value:{'+' if around_zero else ''}.1f}"
    return (
        f"<figure><figcaption>{escape(title)} <span>{newest}</span></figcaption>"
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)} by step">'
        f"{''.join(body)}</svg></figure>"
    )


class _Frame:
    """From numbers to places in the picture."""

    def __init__(self, dots: Sequence[Dot], around_zero: bool) -> None:
        self._signed = around_zero
        self._steps = sorted({dot.step for dot in dots})
        if around_zero:
            reach = max(0.02, *(abs(v) for dot in dots for v in (dot.value, dot.low, dot.high)))
            reach = min(1.0, reach)
            self._low, self._high = -reach, reach
        else:
            self._low, self._high = 0.0, 1.0

    def x(self, step: float) -> float:
        first, last = self._steps[0], self._steps[-1]
        share = (step - first) / (last - first) if last > first else 0.5
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * share

    def y(self, value: float) -> float:
        share = (min(max(value, self._low), self._high) - self._low) / (self._high - self._low)
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - share)

    def axes(self) -> Iterator[str]:
        for value in _round_numbers(self._low, self._high, 5):
            place = self.y(value)
            kind = "zero" if self._signed and abs(value) < 1e-12 else "grid"
            sign = "+" if self._signed and value > 1e-12 else ""
            yield (
                f'<line class="{kind}" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{place:.1f}" '
                f'y2="{place:.1f}"/><text x="{_LEFT - 5}" y="{place + 3.5:.1f}" '
                f'text-anchor="end">{sign}{100 * value:.3g}</text>'
            )
        for step in self._labelled():
            yield (
                f'<text x="{self.x(step):.1f}" y="{_HEIGHT - 6}" text-anchor="middle">{step}</text>'
            )

    def _labelled(self) -> list[int]:
        """Steps to write below: those of looks, not more than there is room for."""
        every = ceil(len(self._steps) / 6)
        return self._steps[::every]

    def bar(self, dot: Dot) -> str:
        x, low, high = self.x(dot.step), self.y(dot.low), self.y(dot.high)
        return f'<line class="bar" x1="{x:.1f}" x2="{x:.1f}" y1="{high:.1f}" y2="{low:.1f}"/>'

    def line(self, dots: Sequence[Dot]) -> str:
        places = " ".join(f"{self.x(dot.step):.1f},{self.y(dot.value):.1f}" for dot in dots)
        return f'<polyline class="curve" points="{places}"/>'

    def dot(self, dot: Dot) -> str:
        x, y = self.x(dot.step), self.y(dot.value)
        made = f'<circle class="curve" cx="{x:.1f}" cy="{y:.1f}" r="2.4"/>'
        if dot.mark:
            shape, away = _MARKS[dot.mark]
            place = min(max(y + away, 8.0), _HEIGHT - _BOTTOM + 4.0)
            made += (
                f'<polygon class="{dot.mark}" points="{shape}" '
                f'transform="translate({x:.1f},{place:.1f})"><title>step {dot.step}: '
                f"{dot.mark}</title></polygon>"
            )
        return made


def _round_numbers(low: float, high: float, most: int) -> list[float]:
    """Numbers in the range that are 1, 2 or 5 times a power of ten apart."""
    rough = (high - low) / most
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-9))
    first = ceil(low / step - 1e-9)
    return [step * number for number in range(first, floor(high / step + 1e-9) + 1)]
