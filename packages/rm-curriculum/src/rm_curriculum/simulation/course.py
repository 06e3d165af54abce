"""The questions of a simulation: how hard each one is, and which are kept for measuring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from random import Random
from typing import Final

from rm_curriculum.adapters.row_fields import QuestionRow
from rm_curriculum.simulation.families import Family, families_of
from rm_rewards import QUESTION_TYPES

HELD_OUT: Final = 60
"""Questions of each family that are kept for measuring."""

MIX: Final[Mapping[str, int]] = {
    **dict.fromkeys(QUESTION_TYPES[:-1], 514),
    QUESTION_TYPES[-1]: 696,
}
"""How many questions of each type the published training data have: 2,570 short ones, of which each
type is given a fifth here, and 696 routes (arXiv 2510.02240)."""

_STEP: Final[Mapping[str, float]] = {"easy": -1.0, "middle": 0.0, "hard": 1.0}
_LEVELS: Final = tuple(_STEP)


@dataclass(frozen=True, slots=True)
class Exercise:
    """A question as a learner meets it: `difficulty` in logits above a beginner's skill."""

    family: str
    difficulty: float


class Course:
    """Rows with their difficulties for one seed, and as many held out of each family.

    Attributes:
        families: The skills that the rows ask for.
        exercises: By the id of the row.
        held_out: `HELD_OUT` exercises of each family, made as those of the rows are.
    """

    def __init__(self, rows: Sequence[QuestionRow], spread: float, draw: Random) -> None:
        rows = sorted(rows, key=lambda row: row.id)  # the order of a file plays no part
        self.families = families_of(row.type for row in rows)
        owner = {kind: family for family in self.families for kind in family.types}
        self.exercises = {
            row.id: _exercise(owner[row.type], row.difficulty_question, spread, draw)
            for row in rows
        }
        self.held_out = {
            family.name: _held_out(family, rows, spread, draw) for family in self.families
        }


def synthetic(count: int | None = None) -> tuple[QuestionRow, ...]:
    """Questions in the mix of the published training data: `count` of them, or as many as there.

    A third of each type is labelled easy, a third hard.
    """
    total = sum(MIX.values())
    wanted = total if count is None else count
    shares = {kind: max(1, round(wanted * number / total)) for kind, number in MIX.items()}
    return tuple(
        chain.from_iterable(
            (
                QuestionRow(id=f"{kind}/{i}", type=kind, difficulty_question=_LEVELS[i % 3])
                for i in range(number)
            )
            for kind, number in shares.items()
        )
    )


def _held_out(
    family: Family, rows: Iterable[QuestionRow], spread: float, draw: Random
) -> tuple[Exercise, ...]:
    levels = [row.difficulty_question for row in rows if row.type in family.types]
    chosen = [levels[i * len(levels) // HELD_OUT] for i in range(HELD_OUT)]
    return tuple(_exercise(family, level, spread, draw) for level in chosen)


def _exercise(family: Family, level: str | None, spread: float, draw: Random) -> Exercise:
    moved = _STEP.get(level or "middle", 0.0)
    return Exercise(family.name, family.difficulty + moved + draw.gauss(0.0, spread))
