"""Which skill a question type asks for: what a guess earns, how hard it is, what it builds on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from rm_rewards import PLANNING


@dataclass(frozen=True, slots=True)
class Family:
    """Question types that ask for the same skill.

    Attributes:
        name: How curves and tables call it.
        types: The question types in it.
        guess: The share of right answers without any skill, in [0, 1).
        difficulty: How far its questions lie above a beginner's skill, in logits.
        needs: The families whose skills it builds on.
    """

    name: str
    types: tuple[str, ...]
    guess: float = 0.0
    difficulty: float = 1.0
    needs: tuple[str, ...] = ()


FAMILIES: Final = (
    Family("judgement", ("TorF1", "TorF2"), guess=0.5, difficulty=0.5),
    Family("counting", ("Counting2", "Counting3"), guess=0.1, difficulty=1.0, needs=("judgement",)),
    Family("choice", ("Counting1",), guess=0.25, difficulty=1.5, needs=("judgement", "counting")),
    Family(PLANNING, (PLANNING,), difficulty=3.5, needs=("judgement", "counting", "choice")),
)
"""The six published types by skill. Guesses follow the forms of the answers: yes or no, one letter
of four, a small number, a route. Difficulties are assumptions, chosen so that a beginner plans
about 1 route in 30, too few for most groups of eight to hold a right reply."""

_BY_TYPE: Final[Mapping[str, Family]] = MappingProxyType(
    {kind: family for family in FAMILIES for kind in family.types}
)


def families_of(types: Iterable[str]) -> tuple[Family, ...]:
    """The families of these types, published ones first; a type unknown here is one by itself.

    What a family needs is cut down to the families that are there.
    """
    asked = dict.fromkeys(types)
    known = [family for family in FAMILIES if any(kind in asked for kind in family.types)]
    others = [Family(kind, (kind,)) for kind in sorted(asked) if kind not in _BY_TYPE]
    present = {family.name for family in known}
    return tuple(
        Family(
            family.name,
            family.types,
            family.guess,
            family.difficulty,
            tuple(name for name in family.needs if name in present),
        )
        for family in (*known, *others)
    )
