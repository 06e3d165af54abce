"""A policy that asks by weight, from what is known of each item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from rm_curriculum.adaptive import Adaptive, Deck
from rm_curriculum.form import count, entry
from rm_curriculum.outcome import Report
from rm_curriculum.packing import pack, unpack
from rm_curriculum.policy import Choice, Json, Pool
from rm_curriculum.weights import TOP, Weights, checked_layout


class Worth(Protocol):
    """What is known of each item, and the weight that follows from it alone."""

    def observe(self, reports: Sequence[Report]) -> tuple[Sequence[int], Sequence[int]]:
        """Take in what was reported: the items, and the weight that each has after its report."""
        ...

    def weight(self, item: int) -> int:
        """Its weight: from 0 to `TOP`, or `TOP * FIRST` for what is to go before all others."""
        ...

    def state(self) -> dict[str, str]:
        """What is known, packed."""
        ...

    def restore(self, state: Mapping[str, object]) -> None:
        """Take what is known from a state.

        Raises:
            CurriculumError: If it is not there, or not of this many items.
        """
        ...


class Weighted(Adaptive):
    """Part of each batch by weight, the rest in turn, so that every item comes again.

    Args:
        pool: The items.
        worth: What is known of each.
        share: The part of the draws that goes by weight, in [0, 1].
    """

    def __init__(self, pool: Pool, worth: Worth, *, share: float) -> None:
        super().__init__(pool)
        self._worth, self._share = worth, share
        self._deck = Deck(pool, self.stage, pool.members[self.stage])
        self._weights = Weights(map(worth.weight, range(len(pool.table))))

    def choose(self, first: int, n: int) -> Choice:
        """By weight as many as falls to these draws, then the next in turn; none twice."""
        by_weight = int((first + n) * self._share) - int(first * self._share)
        taken: set[int] = set()
        items = self._weights.draw(first, by_weight, self.pool.words, taken)
        items += self._deck.several(n - len(items), taken)
        return Choice(self.stage, first // self.size, items)

    def observe(self, reports: Sequence[Report]) -> None:
        """Weigh the items anew."""
        self._weights.put(*self._worth.observe(reports))

    def state(self) -> dict[str, Json]:
        """What is known, the place in turn, and the order in which equal weights lie."""
        layout = pack(self._weights.layout())
        return {"position": self._deck.position, "layout": layout, **self._worth.state()}

    def restore(self, state: Mapping[str, object]) -> None:
        """Weigh all items by what is known."""
        size = len(self.pool.table)
        layout = unpack(entry(state, "layout"), "I", name="layout", length=size)
        self._worth.restore(state)
        self._deck.position = count(state, "position")
        weights = map(self._worth.weight, range(size))
        self._weights = Weights(weights, checked_layout(layout, size))

    def metrics(self) -> dict[str, Json]:
        """The mean weight of all items: 1.0 is the largest there can be, `FIRST` apart."""
        return {"weight": self._weights.total() / (self.size * TOP)}
