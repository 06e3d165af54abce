"""Question types that were answered better before."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev
from typing import Final

from rm_train.watchdog.history import Line, by_type
from rm_train.watchdog.reading import Reading
from rm_train.watchdog.settings import WatchConfig

_BEYOND: Final = 4.0
"""Standard errors of the difference; so large since the best of many windows is compared."""

_LEAST: Final = 0.05
"""Deviation of a step's accuracy that is assumed at least."""

SORTED: Final = frozenset(
    {"medium-to-hard", "neuraladder", "target", "variance", "vas", "vas-published", "plr", "dapo"}
)
"""Schedules that ask harder questions of a type as they go on: less accuracy is no forgetting."""


@dataclass(frozen=True, slots=True)
class _Window:
    first: int
    last: int
    mean: float
    deviation: float


class Types:
    """The accuracy of each question type over its last steps, and over the best it ever had.

    Args:
        window: Steps with questions of the type that a mean is taken over.
    """

    def __init__(self, window: int) -> None:
        self._window = window
        self._last: defaultdict[str, deque[tuple[int, float]]] = defaultdict(
            lambda: deque(maxlen=window)
        )
        self._best: dict[str, _Window] = {}

    def add(self, line: Line) -> list[str]:
        """Take in the next line; gives the types that it tells something about."""
        seen = by_type(line)
        for kind, accuracy in seen.items():
            self._last[kind].append((int(line["step"]), accuracy))
            now = self._now(kind)
            best = self._best.get(kind)
            if now is not None and (best is None or now.mean > best.mean):
                self._best[kind] = now
        return list(seen)

    def _now(self, kind: str) -> _Window | None:
        rows = list(self._last[kind])
        if len(rows) < self._window:
            return None
        numbers = [value for _, value in rows]
        return _Window(rows[0][0], rows[-1][0], fmean(numbers), max(_LEAST, stdev(numbers)))

    def reading(self, kind: str, watch: WatchConfig) -> Reading | None:
        """How much of a type is lost; None while there is nothing to compare with."""
        now, best = self._now(kind), self._best.get(kind)
        if now is None or best is None or best.last >= now.first or not watch.forgetting:
            return None
        lost = best.mean - now.mean
        error = sqrt((best.deviation**2 + now.deviation**2) / self._window)
        return Reading(
            code="forgetting",
            subject=kind,
            on=lost >= watch.forgetting and lost >= _BEYOND * error,
            off=lost < watch.forgetting / 2,
            found=f"the accuracy of {kind} was {best.mean:.3g} in steps {best.first} to "
            f"{best.last} and is {now.mean:.3g} in steps {now.first} to {now.last}",
            values={"best": best.mean, "now": now.mean, "lost": lost, "standard_error": error},
        )


def forgotten(types: Types, line: Line, watch: WatchConfig) -> Iterator[Reading]:
    """Readings of the types that a line tells something about, which it is added to first."""
    for kind in types.add(line):
        reading = types.reading(kind, watch)
        if reading is not None:
            yield reading
