"""OpenVLThinker's two stages of GRPO: questions of medium difficulty, then hard ones (2503.17352).

The released recipe (v1.2) trains on a medium set first and on a hard set after it. Here the sets
are made of the items' difficulties: below two thirds of the scale medium, above hard. Easy
questions, which the recipe spends on supervised fine-tuning, are left to the medium stage, or out
with `easy = false`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rm_curriculum.items import Table
from rm_curriculum.schedules.schedule import Schedule, Stage


@dataclass(frozen=True, slots=True)
class MediumToHard(Schedule):
    """Medium questions, then hard ones; every item needs a difficulty.

    Attributes:
        easy: Whether easy questions are asked, with the medium ones.
    """

    name: str = "medium-to-hard"
    stages: tuple[Stage, ...] = (
        Stage("medium", ("easy", "middle"), optional=True),
        Stage("hard", ("hard",), optional=True),
    )
    easy: bool = True

    def kinds(self, table: Table) -> Sequence[str | None]:
        """The third of the difficulties in which each item lies."""
        grades = [table.grade(item) for item in range(len(table))]
        return [grade if self.easy or grade != "easy" else None for grade in grades]


MEDIUM_TO_HARD: Final = MediumToHard()
