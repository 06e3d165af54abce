"""What of a run never changes: its items, its schedule and its seed."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rm_curriculum.errors import CurriculumError
from rm_curriculum.items import Field, Row, Table, table_of
from rm_curriculum.policy import Limits, Policy, Pool
from rm_curriculum.randomness import Words
from rm_curriculum.schedules import Schedule
from rm_curriculum.stages import kinds_of, stage_numbers, staged


@dataclass(frozen=True, slots=True)
class Setup:
    """Items, schedule and seed of a run, and what follows from them.

    Attributes:
        table: The items.
        schedule: The schedule, with its options.
        members: The items of each stage that has any, stages in order.
        seed: Decides every order and choice.
        epochs: How long the run is, in draws for each item.
        total: How many draws the run has.
        kinds: Stage, type and city of each kind of item.
        kind_of: The kind of each item.
        tracked: Whether draws are in flight until they are reported; None: from the first report.
    """

    table: Table
    schedule: Schedule
    members: Mapping[str, Sequence[int]]
    seed: int
    epochs: int
    total: int
    kinds: Sequence[tuple[str, str, str]]
    kind_of: Sequence[int]
    tracked: bool | None
    _stage_of: array[int] = field(repr=False)
    _hashes: dict[str, str] = field(default_factory=dict[str, str], repr=False)

    @property
    def placed(self) -> int:
        """How many items the schedule asks at all."""
        return len(self._stage_of) - self._stage_of.count(-1)

    def item(self, identity: str) -> int:
        """The index of that id.

        Raises:
            CurriculumError: If there is no such item.
        """
        found = self.table.index.get(identity)
        if found is None:
            raise CurriculumError(
                f"item {identity!r} is not among the {len(self.table)} items", item=identity
            )
        return found

    def stage_of(self, identity: str) -> str:
        """The stage in which the item is asked.

        Raises:
            CurriculumError: If there is no such item, or the schedule leaves it out.
        """
        item = self.item(identity)
        place = self._stage_of[item]
        if place < 0:
            raise CurriculumError(f"item {identity!r} is left out by the schedule", item=identity)
        return tuple(self.members)[place]

    def limits(self, stage: str) -> Limits | None:
        """What may be generated for a question of the stage, if the schedule says so."""
        return self.schedule.limits_of(stage)

    def start(self, last: array[int]) -> Policy:
        """The schedule at its beginning; `last` is kept by the run."""
        words = Words(self.seed, self.schedule.name)
        return self.schedule.start(
            Pool(self.table, self.members, self.seed, self.total, words, self._stage_of, last)
        )

    def dataset_hash(self) -> str:
        """A hash over the items: 16 hexadecimal digits."""
        if "dataset" not in self._hashes:
            self._hashes["dataset"] = self.table.fingerprint()
        return self._hashes["dataset"]

    def config_hash(self) -> str:
        """A hash over the options of the schedule, and the length of the run if it goes by that."""
        length = self.epochs if self.schedule.paced else 0
        text = f"{self.schedule.settings()}{length}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def set_up(
    items: Iterable[Row],
    schedule: Schedule,
    seed: int,
    *,
    epochs: int,
    key: Field,
    stage: Field | None,
    tracked: bool | None,
) -> Setup:
    """Read the items and give each its stage.

    Raises:
        CurriculumError: If they cannot be used, or not with that schedule.
    """
    table = table_of(items, key=key, stage=stage)
    members = staged(schedule, table)
    stage_of = stage_numbers(table, members)
    kinds, kind_of = kinds_of(table, members, stage_of)
    return Setup(
        table=table,
        schedule=schedule,
        members=members,
        seed=seed,
        epochs=epochs,
        total=schedule.total([len(held) for held in members.values()], epochs),
        kinds=kinds,
        kind_of=kind_of,
        tracked=tracked,
        _stage_of=stage_of,
    )
