"""Fixed plans as a function of items, schedule and seed: who comes at which position."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rm_curriculum.errors import CurriculumError
from rm_curriculum.form import count, entry, mapping
from rm_curriculum.outcome import Report
from rm_curriculum.policy import Choice, Json, Pool


@dataclass(frozen=True, slots=True)
class Batch:
    """Items to ask together: all of one stage and epoch. `batch` and `epoch` count from 0."""

    batch: int
    stage: str
    epoch: int
    ids: tuple[str, ...]


Arrange: TypeAlias = Callable[[Pool, str, int], Sequence[int]]
"""Gives the order of a stage in an epoch."""


class PlanPolicy:
    """All items of every stage once an epoch, in the order that `arrange` gives.

    Where it stands is the number of draws alone; only the order of the stage last asked for is
    kept. A choice never mixes stages or epochs: the last of a stage is shorter, never dropped.
    """

    def __init__(self, pool: Pool, arrange: Arrange) -> None:
        self._pool = pool
        self._arrange = arrange
        self._sizes = {stage: len(members) for stage, members in pool.members.items()}
        self._kept: tuple[int, str, Sequence[int]] | None = None

    def choose(self, first: int, n: int) -> Choice:
        """Up to `n` items of one stage and epoch."""
        epoch, stage, offset = place(self._sizes, first)
        return Choice(stage, epoch, self._order(epoch, stage)[offset : offset + n])

    def where(self, draw: int) -> tuple[str, int]:
        """Stage and epoch of that draw, past or future."""
        epoch, stage, _ = place(self._sizes, draw)
        return stage, epoch

    def observe(self, reports: Sequence[Report]) -> None:
        """Nothing: a fixed plan does not react."""

    def state(self) -> dict[str, Json]:
        """How many items each stage has, for `carry`; the number of draws says the rest."""
        return {"sizes": dict(self._sizes)}

    def restore(self, state: Mapping[str, object]) -> None:
        """Check the form alone."""
        _sizes(state)

    def carry(self, state: Mapping[str, object], drawn: int) -> int:
        """Go on in the same stage, after as many of its items as were dealt."""
        epoch, stage, offset = place(_sizes(state), drawn)
        before = epoch * sum(self._sizes.values())
        for name, size in self._sizes.items():
            if name == stage:
                return min(self._pool.total, before + min(offset, size))
            before += size
        raise CurriculumError(f"state: stage {stage!r} has no items any more; start anew")

    def metrics(self) -> dict[str, Json]:
        """None."""
        return {}

    def staleness(self, drawn: int) -> float:
        """The mean over the items dealt so far of the draws since the last of each."""
        size = sum(self._sizes.values())
        if drawn <= size:
            return (drawn - 1) / 2 if drawn else 0.0
        epoch, within = divmod(drawn - 1, size)
        ages, start = (within + 1) * within / 2, 0
        for stage, length in self._sizes.items():
            if start > within:  # not asked yet in this epoch
                ages += sum(range(within + 1 + size - start - length, within + 1 + size - start))
            elif within + 1 < start + length:
                left = set(self._order(epoch, stage)[within + 1 - start :])
                before = enumerate(self._arrange(self._pool, stage, epoch - 1), start)
                ages += sum(within + size - place for place, item in before if item in left)
            start += length
        return ages / size

    def _order(self, epoch: int, stage: str) -> Sequence[int]:
        if self._kept is None or self._kept[:2] != (epoch, stage):
            self._kept = (epoch, stage, self._arrange(self._pool, stage, epoch))
        return self._kept[2]


def place(sizes: Mapping[str, int], position: int) -> tuple[int, str, int]:
    """Epoch, stage, and place inside the stage of a position in a plan of stages of these sizes."""
    epoch, within = divmod(position, sum(sizes.values()))
    for stage, size in sizes.items():
        if within < size:
            return epoch, stage, within
        within -= size
    raise AssertionError("unreachable: the sizes add up")


def _sizes(state: Mapping[str, object]) -> dict[str, int]:
    sizes = mapping(entry(state, "sizes"), "policy: sizes")
    found = {stage: count(sizes, stage) for stage in sizes}
    if not found or not all(found.values()):
        raise CurriculumError(f"state: policy: sizes: found {found!r}, expected numbers above 0")
    return found
