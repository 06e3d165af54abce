"""What the policies that are no fixed plans have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from rm_curriculum.order import mixed
from rm_curriculum.outcome import Report
from rm_curriculum.policy import Choice, Json, Pool


class Adaptive(ABC):
    """A policy that keeps nothing; those that build on it choose, and say what they keep.

    Attributes:
        pool: What it chooses from.
        size: How many items that is: so many draws count as an epoch.
        stage: The stage it stands at.
    """

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.size = sum(map(len, pool.members.values()))
        self.stage = next(iter(pool.members))

    @abstractmethod
    def choose(self, first: int, n: int) -> Choice:
        """The items of the draws from number `first` on."""

    def where(self, draw: int) -> tuple[str, int]:
        """The stage it stands at, and how often the number of items has been drawn."""
        return self.stage, draw // self.size

    def observe(self, reports: Sequence[Report]) -> None:
        """Nothing: it does not react."""
        del reports

    def state(self) -> dict[str, Json]:
        """Nothing."""
        return {}

    def restore(self, state: Mapping[str, object]) -> None:
        """Nothing: it keeps none."""
        del state

    def carry(self, state: Mapping[str, object], drawn: int) -> int:
        """Go on after as many draws."""
        del state
        return min(drawn, self.pool.total)

    def metrics(self) -> dict[str, Json]:
        """Nothing."""
        return {}


class Deck:
    """The items of a stage without repeats: shuffled, dealt to the end, shuffled anew.

    Attributes:
        position: How many items were taken.
    """

    def __init__(self, pool: Pool, stage: str, members: Sequence[int]) -> None:
        self.position = 0
        self._pool, self._stage, self._members = pool, stage, members
        self._epoch = -1
        self._order: Sequence[int] = ()

    def take(self) -> int:
        """The next item."""
        epoch, place = divmod(self.position, len(self._members))
        self.position += 1
        return self._shuffle(epoch)[place]

    def several(self, n: int, taken: set[int]) -> list[int]:
        """What `fresh` gives, called `n` times."""
        epoch, place = divmod(self.position, len(self._members))
        items = list(self._shuffle(epoch)[place : place + n])
        if len(items) < n or not taken.isdisjoint(items):
            return [self.fresh(taken) for _ in range(n)]
        self.position += n
        taken.update(items)
        return items

    def _shuffle(self, epoch: int) -> Sequence[int]:
        if epoch != self._epoch:
            self._epoch = epoch
            self._order = mixed(self._members, seed=self._pool.seed, epoch=epoch, stage=self._stage)
        return self._order

    def fresh(self, taken: set[int]) -> int:
        """The next item that is not among those taken; any, if all are. It is added to them."""
        item = self.take()
        for _ in range(min(len(self._members), len(taken))):
            if item not in taken:
                break
            item = self.take()
        taken.add(item)
        return item
