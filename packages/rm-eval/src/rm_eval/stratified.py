"""The part of a data set that `--limit` keeps: the same one in whatever order the questions stand.

What stands together is kept together: the four orders of one HR-Bench question are one unit. Every
stratum (a type, and in it a category) keeps its share. The units of each are put in an order that
the seed decides; then all units are put in one order, each by the part of its own stratum that lies
before its middle (Webster's method), after the first unit of each stratum. A limit takes the
beginning of that order, so that a larger one keeps what a smaller one kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rm_eval.errors import EvalError

Limit: TypeAlias = int | float
"""How many questions, or as a float their share in (0, 1]."""


@dataclass(frozen=True, slots=True)
class Member:
    """A question as the choice sees it: its id, its stratum, and what it stands together with."""

    id: str
    stratum: tuple[str, ...]
    unit: str


@dataclass(frozen=True, slots=True)
class _Unit:
    name: str
    members: tuple[Member, ...]

    @property
    def stratum(self) -> tuple[str, ...]:
        return min(self.members, key=lambda member: member.id).stratum

    @property
    def size(self) -> int:
        return len(self.members)


def chosen(members: Iterable[Member], limit: Limit, seed: int) -> frozenset[str]:
    """The ids that a limit keeps: at most so many, but one whole unit at least.

    Raises:
        EvalError: If the limit is neither a count from 1 on nor a share above 0 and at most 1.
    """
    units = _units(members)
    most = _count(limit, sum(unit.size for unit in units))
    kept: list[str] = []
    for unit in _ordered(units, seed):
        if kept and len(kept) + unit.size > most:
            break
        kept.extend(member.id for member in unit.members)
    return frozenset(kept)


def _count(limit: Limit, total: int) -> int:
    if isinstance(limit, int):
        if limit < 1:
            raise EvalError(f"limit: found {limit}, expected 1 or more")
        return limit
    if not 0 < limit <= 1:
        raise EvalError(f"limit: found {limit}, expected a share above 0 and at most 1, or a count")
    return max(1, round(limit * total))


def _units(members: Iterable[Member]) -> list[_Unit]:
    found: dict[str, list[Member]] = {}
    for member in members:
        found.setdefault(member.unit, []).append(member)
    return [_Unit(name, tuple(ones)) for name, ones in found.items()]


def _ordered(units: Sequence[_Unit], seed: int) -> list[_Unit]:
    strata: dict[tuple[str, ...], list[_Unit]] = {}
    for unit in sorted(units, key=lambda unit: _rank(unit.name, seed)):
        strata.setdefault(unit.stratum, []).append(unit)
    sizes = {stratum: sum(unit.size for unit in ones) for stratum, ones in strata.items()}
    firsts = [strata[stratum][0] for stratum in sorted(strata, key=lambda s: (-sizes[s], s))]
    others = [placed for ones in strata.values() for placed in _placed(ones)]
    return [*firsts, *(unit for *_, unit in sorted(others, key=lambda one: one[:2]))]


def _placed(units: Sequence[_Unit]) -> Iterator[tuple[float, tuple[str, ...], _Unit]]:
    """The units of one stratum after the first, each with the part that lies before its middle."""
    total = sum(unit.size for unit in units)
    before = 0
    for unit in units:
        if before:
            yield (before + unit.size / 2) / total, unit.stratum, unit
        before += unit.size


def _rank(name: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{name}".encode()).digest()
