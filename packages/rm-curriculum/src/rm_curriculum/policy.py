"""What a schedule becomes when it meets items: the part of a curriculum that chooses."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

from rm_curriculum.items import Table
from rm_curriculum.outcome import Report
from rm_curriculum.randomness import Words

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None
"""What JSON can hold."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be generated for one question: `rollouts` replies of `max_tokens` tokens."""

    max_tokens: int
    rollouts: int


class Choice(NamedTuple):
    """Items to ask together.

    Attributes:
        stage: The stage they are asked for; a schedule that mixes names the one it stands at.
        epoch: How often the items had all been gone through before, from 0.
        items: Indices into the table.
    """

    stage: str
    epoch: int
    items: Sequence[int]


@dataclass(frozen=True, slots=True)
class Pool:
    """What a policy chooses from.

    Attributes:
        table: The items.
        members: The items of each stage that has any, by its name, stages in order.
        seed: The seed of the run.
        total: How many draws the run has.
        words: Random words by draw, of this schedule and seed.
        stage_of: For each item the place of its stage among `members`, -1 if it has none.
        last: For each item the number of its last draw plus one, 0 before the first. Kept by the
            curriculum for schedules that are not fixed plans; empty for those that are.
    """

    table: Table
    members: Mapping[str, Sequence[int]]
    seed: int
    total: int
    words: Words
    stage_of: array[int]
    last: array[int]

    def stages(self) -> tuple[str, ...]:
        """The names of the stages that have items, in order."""
        return tuple(self.members)


class Policy(Protocol):
    """Chooses items. All it knows beside its pool stands in its state."""

    def choose(self, first: int, n: int) -> Choice:
        """The items of the draws from number `first` on: `n`, or fewer at a border; at least one.

        Never asked for a draw beyond the total.
        """
        ...

    def where(self, draw: int) -> tuple[str, int]:
        """The stage and the epoch in which the draw of that number falls, as far as is known.

        Changes nothing.
        """
        ...

    def observe(self, reports: Sequence[Report]) -> None:
        """Take in what was reported since the last choice, sorted by draw."""
        ...

    def state(self) -> dict[str, Json]:
        """All that `restore` needs."""
        ...

    def restore(self, state: Mapping[str, object]) -> None:
        """Go on from a state of a policy of the same schedule, items and seed.

        Raises:
            CurriculumError: If the state does not have that form. Nothing has changed then.
        """
        ...

    def carry(self, state: Mapping[str, object], drawn: int) -> int:
        """Take over what a state of other items still says: stages and gates, not single items.

        Returns:
            The number of draws to go on from, at most the total.

        Raises:
            CurriculumError: If the state does not have the form of a state.
        """
        ...

    def metrics(self) -> dict[str, Json]:
        """What the schedule goes by at the moment: gates, targets, values."""
        ...
