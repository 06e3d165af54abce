"""Two ways of doing the same work, taking turns, because other work on the machine moves both."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Final

ROUNDS: Final = int(os.environ.get("RM_ROUNDS", "5"))


@dataclass(frozen=True, slots=True)
class Beside:
    """The speed of one as a multiple of the other's, round by round.

    Attributes:
        clock: By the wall clock.
        cpu: By this process's CPU time, which other processes move less.
    """

    clock: tuple[float, ...]
    cpu: tuple[float, ...]

    def __str__(self) -> str:
        return (
            f"{_told(self.clock)} x by the clock, {_told(self.cpu)} x by CPU time, medians of "
            f"{len(self.clock)} rounds (least to most); load {os.getloadavg()[0]:.1f}"
        )


def beside(ours: Callable[[], object], theirs: Callable[[], object]) -> Beside:
    """Both in turn, each first in every other round; what they do first is not counted."""
    for side in (ours, theirs):
        side()
    clock: list[float] = []
    cpu: list[float] = []
    for number in range(ROUNDS):
        pair = (ours, theirs) if number % 2 else (theirs, ours)
        spent = {side: _spent(side) for side in pair}
        clock.append(spent[theirs][0] / spent[ours][0])
        cpu.append(spent[theirs][1] / spent[ours][1])
    return Beside(tuple(clock), tuple(cpu))


def _spent(work: Callable[[], object]) -> tuple[float, float]:
    clock, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - cpu


def _told(ratios: tuple[float, ...]) -> str:
    return f"{median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"
