"""The curriculum: deals out items by a schedule, takes in what they earned, and can resume.

What comes next is a function of items, schedule, seed, the number of draws and what the schedule
keeps of the reports. So a restart needs no replay, and each rank can work out its own share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from typing import Final

from rm_curriculum.deal import Deal
from rm_curriculum.errors import CurriculumError
from rm_curriculum.flight import PREFIX
from rm_curriculum.items import Field, Row
from rm_curriculum.outcome import group_outcome
from rm_curriculum.plan import Batch
from rm_curriculum.policy import Choice
from rm_curriculum.schedules import Schedule, find_schedule
from rm_curriculum.setup import set_up
from rm_curriculum.state import State
from rm_curriculum.view import View

_NEAR: Final = 8_192


class Curriculum(View):
    """Deals item ids in the order of a schedule, and takes in what they earned.

    With a fixed plan every item comes exactly once an epoch. A batch never mixes stages or epochs;
    the last one of a stage is shorter, neither filled up nor dropped. (The published sampler drops
    the tail, which under a coarse-to-fine order is always planning.)

    Args:
        items: Mappings or objects with `id` and `type`; some schedules read `difficulty` too. Their
            order plays no part.
        schedule: A name of `SCHEDULES`, or a schedule of your own, or of `find_schedule`.
        seed: Decides the order inside each stage, anew in each epoch, and every random choice.
        epochs: How long the run is: so many draws for each item.
        key: The field that holds the id, or a function of the item.
        stage: The field that names the item's stage, or a function; None leaves it to the schedule.
        feedback: Whether draws are in flight until they are reported; those return to the pool when
            a state is loaded, and are dealt again first. None: as soon as anything was reported.

    Raises:
        CurriculumError: If there are no items, ids repeat, an item lacks `id` or `type`, a type has
            no stage, a stage no items, or a setting is out of range.

    Example:
        >>> plan = Curriculum([{"id": "a", "type": "planning"}, {"id": "b", "type": "TorF1"}])
        >>> plan.next_batch(8), plan.next_batch(8), plan.done
        (['b'], ['a'], True)
    """

    def __init__(
        self,
        items: Iterable[Row],
        schedule: str | Schedule = "rewardmap",
        seed: int = 0,
        *,
        epochs: int = 1,
        key: Field = "id",
        stage: Field | None = None,
        feedback: bool | None = None,
    ) -> None:
        _at_least_one("epochs", epochs)
        found = find_schedule(schedule)
        super().__init__(
            set_up(items, found, seed, epochs=epochs, key=key, stage=stage, tracked=feedback)
        )
        self._rank, self._world_size = 0, 1
        self._near: dict[str, int] = {}  # the last dealt: looked up sooner than among all

    def next_batch(self, n: int) -> list[str]:
        """The next ids to ask: `n`, or fewer at the end of a stage; none once `done`.

        On a shard `n` is the number for this rank: `n * world_size` are dealt to all ranks, each of
        which gets a contiguous part. Where fewer are left in the stage the parts differ by one at
        most, so a rank's part can be empty before the end: loop on `done`.
        """
        _at_least_one("n", n)
        return [] if self.done else self._deal(n)[0]

    def deal(self, n: int) -> Deal:
        """What `next_batch` gives, with the name of each draw: for reports that cannot be mixed up.

        Raises:
            CurriculumError: If all has been dealt.
        """
        _at_least_one("n", n)
        if self.done:
            raise CurriculumError(f"all {self.total} draws have been dealt; raise epochs")
        ids, choice, draws = self._deal(n)
        names = tuple([f"{PREFIX}{draw}" for draw in draws])
        limits = self._setup.limits(choice.stage)
        return Deal(choice.stage, choice.epoch, tuple(ids), names, limits)

    def batches(self, n: int) -> Iterator[Batch]:
        """All batches that are left, by `next_batch`, with their stage and epoch."""
        _at_least_one("n", n)
        number = 0
        while not self.done:
            ids, choice, _ = self._deal(n)
            yield Batch(number, choice.stage, choice.epoch, tuple(ids))
            number += 1

    def _deal(self, n: int) -> tuple[list[str], Choice, Sequence[int]]:
        choice, draws = self._run.take(n * self._world_size)
        names = self._setup.table.ids
        ids = [names[item] for item in choice.items]
        if len(self._near) > _NEAR:
            self._near.clear()
        self._near.update(zip(ids, choice.items, strict=True))
        first = self._rank * len(draws) // self._world_size
        last = (self._rank + 1) * len(draws) // self._world_size
        return ids[first:last], choice, draws[first:last]

    def update(
        self,
        item_id: str,
        rewards: Sequence[float],
        accuracy: float | None = None,
        draw_id: str | int | None = None,
        *,
        diversity: float | None = None,
    ) -> bool:
        """Report what a group of replies to the item earned; may come late and in any order.

        The schedule takes it in at the next draw, together with all that came since the last one
        and in the order of the draws: between two draws the order of the reports plays no part. On
        shards each rank must report what all ranks earned.

        Args:
            item_id: The item that was asked.
            rewards: One a reply, finite.
            accuracy: The group's mean accuracy in [0, 1], if known.
            draw_id: Names this asking of the item: one of the names that `deal` gave, or any of
                your own, compared as text; of your own the last 4,096 are remembered. Reported
                again, it is not counted again and the first report stands. Without it every report
                counts.
            diversity: How much the replies differ, in [0, 1], if known; see `text_diversity`.

        Returns:
            Whether the report was counted.

        Raises:
            CurriculumError: If there is no such item, or a value is out of range.
        """
        item = self._near.get(item_id)
        if item is None:
            item = self._setup.item(item_id)
        outcome = group_outcome(item_id, rewards, accuracy, diversity)
        return self._run.report(item, outcome, draw_id)

    def admits(self, rewards: Sequence[float], accuracy: float | None = None) -> str | None:
        """Why the schedule would have this group of replies left out of the batch, or None.

        Only `dapo` rejects any. Report the group all the same, and draw another in its place.

        Raises:
            CurriculumError: If a value is out of range.
        """
        return self.schedule.admits(group_outcome("group", rewards, accuracy))

    def settle(self, item_id: str | None = None, draw_id: str | int | None = None) -> None:
        """Count draws as asked though they were not reported: one of an item, or all in flight.

        Args:
            item_id: The item whose draw was asked and earned nothing that can be reported.
            draw_id: Names the draw, as in `update`; without it the oldest of the item.

        Raises:
            CurriculumError: If there is no such item.
        """
        if item_id is None:
            self._run.settle()
        else:
            self._run.settle_one(self._setup.item(item_id), draw_id)

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
        part = copy(self)
        part._near = {}
        part._run = self._run.twin()
        part._rank, part._world_size = rank, world_size
        return part

    def state_dict(self) -> State:
        """Where it stands, as JSON values only. The same on every rank that was told the same."""
        return self._run.state()

    def load_state_dict(self, state: Mapping[str, object], *, best_effort: bool = False) -> None:
        """Continue from a state: the draws that follow are those that would have followed.

        Draws that were in flight are dealt again first, with the names they had. `epochs` may be
        larger than in the run that saved it, unless the schedule goes by the length of the run.

        Args:
            state: What `state_dict` gave.
            best_effort: Accept a state of other items: what belongs to stages goes on (the place in
                the plan, gates), what belongs to single items (estimates, draws in flight, reports
                not taken in yet) starts anew.

        Raises:
            CurriculumError: If the state is of another dataset, schedule or seed, or is damaged.
                Nothing has changed then.
        """
        self._run = self._run.restored(state, best_effort=best_effort)


def _at_least_one(name: str, value: int) -> None:
    if value < 1:
        raise CurriculumError(f"{name}: found {value!r}, expected 1 or more")
