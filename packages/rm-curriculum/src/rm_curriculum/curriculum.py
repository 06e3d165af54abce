"""The curriculum: deals out every item of every stage once an epoch, in an order that can resume.

The whole plan is a function of items, schedule and seed; where it stands is one number. So a state
is small, a restart needs no replay, and each rank can work out its own share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypedDict

from rm_curriculum.errors import CurriculumError
from rm_curriculum.items import Item, types_by_id
from rm_curriculum.order import config_fingerprint, dataset_fingerprint
from rm_curriculum.plan import Batch, Plan
from rm_curriculum.schedules import Schedule, find_schedule
from rm_curriculum.state import SCHEMA, State, check_state
from rm_curriculum.statistics import Statistics, group_outcome, mean_accuracy, mean_reward


class Metrics(TypedDict):
    """Where the curriculum stands and what it has dealt.

    Attributes:
        stage: The stage of the next item; None when all is dealt.
        epoch: The epoch of the next item, from 0.
        position: How many items have been dealt to all ranks together.
        total: How many the whole plan has.
        coverage: Share of the items dealt at least once, in [0, 1].
        repeats: How many of the dealt items had been dealt before.
        mixture: Share of each type among the dealt items; empty at the start.
        updates: How many draws have been reported.
        reward: Mean reward of the reported replies, by stage.
        accuracy: Mean of the reported accuracies, by stage.
    """

    stage: str | None
    epoch: int
    position: int
    total: int
    coverage: float
    repeats: int
    mixture: dict[str, float]
    updates: int
    reward: dict[str, float]
    accuracy: dict[str, float]


class Curriculum:
    """Deals item ids in the order of a schedule.

    Every item comes exactly once an epoch. A batch never mixes stages or epochs; the last one of a
    stage is shorter, neither filled up nor dropped. (The published sampler drops the tail, which
    under a coarse-to-fine order is always planning.)

    Args:
        items: Mappings or objects with `id` and `type`. Their order plays no part.
        schedule: A name of `SCHEDULES`, or a `Schedule` of your own.
        seed: Decides the order inside each stage, anew in each epoch.
        epochs: How often the whole schedule is gone through.

    Raises:
        CurriculumError: If there are no items, ids repeat, an item lacks `id` or `type`, a type has
            no stage, or a setting is out of range.

    Example:
        >>> plan = Curriculum([{"id": "a", "type": "planning"}, {"id": "b", "type": "TorF1"}])
        >>> plan.next_batch(8), plan.next_batch(8), plan.done
        (['b'], ['a'], True)
    """

    def __init__(
        self,
        items: Iterable[Item | Mapping[str, object]],
        schedule: str | Schedule = "rewardmap",
        seed: int = 0,
        *,
        epochs: int = 1,
    ) -> None:
        _at_least_one("epochs", epochs)
        self._schedule = find_schedule(schedule)
        self._seed = seed
        self._epochs = epochs
        self._plan = Plan(types_by_id(items), self._schedule, seed=seed, epochs=epochs)
        self._drawn = 0
        self._statistics = Statistics()
        self._rank, self._world_size = 0, 1

    @property
    def stages(self) -> tuple[str, ...]:
        """The names of the stages that have items, in order."""
        return tuple(self._plan.members)

    @property
    def done(self) -> bool:
        """Whether the plan has been dealt to its end."""
        return self._drawn >= self._plan.total

    def stage_of(self, item_id: str) -> str:
        """The name of the stage in which the item is asked.

        Raises:
            CurriculumError: If there is no such item.
        """
        return self._plan.stage_of(item_id)

    def members(self, stage: str) -> tuple[str, ...]:
        """The ids of the stage's items, sorted.

        Raises:
            CurriculumError: If no stage with items has that name.
        """
        if stage not in self._plan.members:
            raise CurriculumError(f"stage {stage!r}: expected one of {', '.join(self.stages)}")
        return self._plan.members[stage]

    def next_batch(self, n: int) -> list[str]:
        """The next ids to ask: `n`, or fewer at the end of a stage; none once `done`.

        On a shard `n` is the number for this rank: `n * world_size` are dealt to all ranks, each of
        which gets a contiguous part. Where fewer are left in the stage the parts differ by one at
        most, so a rank's part can be empty before the end: loop on `done`.
        """
        _at_least_one("n", n)
        return [] if self.done else list(self._deal(n)[2])

    def batches(self, n: int) -> Iterator[Batch]:
        """All batches that are left, by `next_batch`, with their stage and epoch."""
        _at_least_one("n", n)
        number = 0
        while not self.done:
            epoch, stage, ids = self._deal(n)
            yield Batch(number, stage, epoch, ids)
            number += 1

    def _deal(self, n: int) -> tuple[int, str, tuple[str, ...]]:
        epoch, stage, offset = self._plan.place(self._drawn)
        dealt = self._plan.order(epoch, stage)[offset : offset + n * self._world_size]
        self._drawn += len(dealt)
        first = self._rank * len(dealt) // self._world_size
        last = (self._rank + 1) * len(dealt) // self._world_size
        return epoch, stage, dealt[first:last]

    def update(
        self,
        item_id: str,
        rewards: Sequence[float],
        accuracy: float | None = None,
        draw_id: str | int | None = None,
    ) -> bool:
        """Report what a group of replies to the item earned; may come late and in any order.

        Args:
            item_id: The item that was asked.
            rewards: One a reply, finite.
            accuracy: The group's mean accuracy in [0, 1], if known.
            draw_id: Names this asking of the item, compared as text. Reported again, it is not
                counted again and the first report stands. Without it every report counts.

        Returns:
            Whether the report was counted.

        Raises:
            CurriculumError: If there is no such item, or a value is out of range.
        """
        self.stage_of(item_id)
        draw = None if draw_id is None else str(draw_id)
        return self._statistics.add(item_id, draw, group_outcome(item_id, rewards, accuracy))

    def shard(self, rank: int, world_size: int) -> Curriculum:
        """This curriculum as one of `world_size` ranks sees it, from the same place on.

        Ranks that each call `next_batch(n)` get, in the order of their numbers, what this one gives
        for `next_batch(n * world_size)`. Items are never split. A state saved by any rank can be
        loaded by every rank, also of another `world_size`.

        Raises:
            CurriculumError: If `rank` is not in [0, world_size), or this is a shard already.
        """
        _at_least_one("world_size", world_size)
        if self._world_size != 1:
            raise CurriculumError("this is a shard already; shard the whole curriculum instead")
        if not 0 <= rank < world_size:
            raise CurriculumError(f"rank: found {rank!r}, expected 0 to {world_size - 1}")
        items = [{"id": one, "type": kind} for one, kind in self._plan.types.items()]
        part = Curriculum(items, self._schedule, self._seed, epochs=self._epochs)
        part.load_state_dict(self.state_dict())
        part._rank, part._world_size = rank, world_size
        return part

    def state_dict(self) -> State:
        """Where it stands, as JSON values only. The same on every rank apart from `statistics`."""
        return State(
            schema=SCHEMA,
            dataset=dataset_fingerprint(self._plan.types),
            items=len(self._plan.types),
            schedule=self._schedule.name,
            seed=self._seed,
            config=config_fingerprint(self._schedule, self._seed),
            drawn=self._drawn,
            statistics=self._statistics.rows(),
        )

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Continue from a state: the draws that follow are those that would have followed.

        `epochs` may be larger than in the run that saved it.

        Raises:
            CurriculumError: If the state is of another dataset, schedule or seed, or is damaged.
                Nothing has changed then.
        """
        checked = check_state(state, self.state_dict())
        if not 0 <= checked["drawn"] <= self._plan.total:
            raise CurriculumError(
                f"state: {checked['drawn']} items drawn, but this plan has {self._plan.total} "
                f"({self._epochs} x {len(self._plan.types)}); raise epochs"
            )
        statistics = Statistics.from_rows(checked["statistics"])
        self._drawn, self._statistics = checked["drawn"], statistics

    def metrics(self) -> Metrics:
        """Place, coverage, mixture and mean rewards; JSON values only."""
        items = len(self._plan.types)
        epoch, stage = self._plan.place(self._drawn)[:2] if not self.done else (self._epochs, None)
        outcomes = {name: self._statistics.of(ids) for name, ids in self._plan.members.items()}
        rewards = {name: mean_reward(found) for name, found in outcomes.items()}
        accuracies = {name: mean_accuracy(found) for name, found in outcomes.items()}
        return Metrics(
            stage=stage,
            epoch=epoch,
            position=self._drawn,
            total=self._plan.total,
            coverage=min(1.0, self._drawn / items),
            repeats=max(0, self._drawn - items),
            mixture=self._plan.mixture(self._drawn) if self._drawn else {},
            updates=len(self._statistics),
            reward={name: value for name, value in rewards.items() if value is not None},
            accuracy={name: value for name, value in accuracies.items() if value is not None},
        )


def _at_least_one(name: str, value: int) -> None:
    if value < 1:
        raise CurriculumError(f"{name}: found {value!r}, expected 1 or more")
