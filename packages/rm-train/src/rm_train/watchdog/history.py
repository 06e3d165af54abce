"""The last lines of metrics, stage by stage: what every detector looks at."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final, TypeAlias, cast

Line: TypeAlias = Mapping[str, Any]
"""A line of metrics.jsonl."""

REACH: Final = 4
"""The longest trend that is tested, in lengths of the trend window."""


@dataclass(slots=True)
class Visit:
    """The lines of one stage, as long as it lasts. A stage that comes back later begins anew.

    Attributes:
        opening: The first lines.
        last: The last lines.
        steps: How many there were in all.
    """

    last: deque[Line]
    opening: list[Line] = field(default_factory=list[Line])
    steps: int = 0


class History:
    """The lines of a run so far, as far as they are needed.

    Stages may take turns from step to step: each has its own lines. A stage that did not come up
    for two windows begins a new visit.

    Args:
        window: Steps of a mean.
        trend: Steps of a trend.
    """

    def __init__(self, window: int, trend: int) -> None:
        self.window = window
        self.trend = trend
        self._visits: dict[str, Visit] = {}
        self._now = ""
        self._places: dict[str, int] = {}
        self._lines = 0

    def add(self, line: Line) -> None:
        """Take in the next line."""
        stage = str(line["stage"])
        self._lines += 1
        old = self._places.get(stage)
        if old is None or self._lines - old > 2 * self.window:
            keep = max(2 * self.window, REACH * self.trend)
            self._visits[stage] = Visit(deque(maxlen=keep))
        self._places[stage] = self._lines
        self._now = stage
        visit = self._visits[stage]
        visit.steps += 1
        visit.last.append(line)
        if len(visit.opening) < max(3, self.window // 4):
            visit.opening.append(line)

    @property
    def stage(self) -> str:
        """The stage of the last line."""
        return self._now

    @property
    def line(self) -> Line:
        """The last line."""
        return self._visits[self._now].last[-1]

    @property
    def steps(self) -> int:
        """Lines of this visit of the stage."""
        return self._visits[self._now].steps

    def recent(self, count: int) -> list[Line]:
        """The last lines of the stage; empty while it has fewer."""
        last = self._visits[self._now].last
        return list(last)[-count:] if len(last) >= count else []

    def opening(self) -> list[Line]:
        """The first lines of the stage: a quarter of a window; empty until two windows are there.

        So they never overlap with the last window.
        """
        visit = self._visits[self._now]
        return list(visit.opening) if visit.steps >= 2 * self.window else []


def values(lines: Iterable[Line], name: str) -> list[float]:
    """The numbers of that name, `rewards/detail` inside `rewards`; None and NaN are left out."""
    outer, _, inner = name.partition("/")
    found: list[float] = []
    for line in lines:
        value: object = line.get(outer)
        if inner:
            value = cast("Mapping[str, object]", value or {}).get(inner)
        if isinstance(value, int | float) and isfinite(value):
            found.append(float(value))
    return found


def mean(numbers: Sequence[float]) -> float:
    """Their mean; NaN of none."""
    return sum(numbers) / len(numbers) if numbers else float("nan")


def by_type(line: Line) -> dict[str, float]:
    """The accuracy of each question type in a line."""
    found: Mapping[str, Any] = line.get("accuracy_by_type") or {}
    return {kind: float(v) for kind, v in found.items() if isinstance(v, int | float)}
