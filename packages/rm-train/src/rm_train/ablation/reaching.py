"""After how many steps a run has learned, where some runs end before they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean


@dataclass(frozen=True, slots=True)
class Reached:
    """The step at which a run reached the level; None if it had not when it ended at `last`."""

    step: int | None
    last: int

    def until(self, horizon: int) -> int:
        """The step, or the horizon where the level was not reached by then."""
        return horizon if self.step is None else min(self.step, horizon)


@dataclass(frozen=True, slots=True)
class Steps:
    """When several runs reached a level.

    Attributes:
        runs, reached: How many runs there are, and how many reached it.
        median: The step by which half of them had; None if fewer than half did.
        mean: The mean step, runs that did not reach it counted with `horizon` (the restricted mean
            survival time: a lower bound of the true mean as soon as one run is censored).
        horizon: The last step that every run has.
    """

    runs: int
    reached: int
    median: int | None
    mean: float
    horizon: int


def reached(trained: Sequence[tuple[int, float]], level: float, window: int, last: int) -> Reached:
    """When the running mean of the accuracy first is at the level.

    Args:
        trained: The steps that asked for it, with the accuracy of their replies.
        level: To be reached.
        window: The mean is over so many of those steps; fewer are no mean.
        last: The last step of the run.

    Example:
        >>> reached([(1, 0.0), (2, 0.5), (3, 0.5)], level=0.5, window=2, last=3).step
        3
    """
    for end in range(window, len(trained) + 1):
        part = trained[end - window : end]
        if fmean(value for _, value in part) >= level - 1e-12:
            return Reached(part[-1][0], last)
    return Reached(None, last)


def steps_of(found: Sequence[Reached]) -> Steps:
    """When several runs reached the level.

    Example:
        >>> steps_of([Reached(10, 100), Reached(30, 100), Reached(None, 100)])
        Steps(runs=3, reached=2, median=30, mean=46.666666666666664, horizon=100)
    """
    horizon = min(one.last for one in found)
    steps = sorted(s for one in found if (s := one.step) is not None and s <= horizon)
    half = (len(found) + 1) // 2
    return Steps(
        runs=len(found),
        reached=len(steps),
        median=steps[half - 1] if len(steps) >= half else None,
        mean=fmean(one.until(horizon) for one in found),
        horizon=horizon,
    )
