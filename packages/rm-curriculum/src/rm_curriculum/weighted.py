"""A policy that asks by weight, from what is known of each item."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rm_curriculum.adaptive import Adaptive, Deck
from rm_curriculum.estimators import Estimator
from rm_curriculum.form import count, entry
from rm_curriculum.outcome import Report
from rm_curriculum.packing import pack, unpack
from rm_curriculum.policy import Choice, Json, Pool
from rm_curriculum.weights import TOP, Weights, checked_layout

FIRST: int = 1 << 10
"""How much heavier than any other an item is that is to be seen first."""


class Weighted(Adaptive):
    """Part of each batch by weight, the rest in turn, so that every item comes again.

    Args:
        pool: The items.
        known: What is known of each.
        worth: The weight of an item, in [0, 1].
        share: The part of the draws that goes by weight, in [0, 1].
        floor: The least weight of any item, in [0, 1].
        unseen_first: Whether items that were never reported go before all others.
    """

    def __init__(
        self,
        pool: Pool,
        known: Estimator,
        worth: Callable[[int], float],
        *,
        share: float,
        floor: float,
        unseen_first: bool,
    ) -> None:
        super().__init__(pool)
        self._known, self._worth = known, worth
        self._share, self._floor, self._unseen_first = share, floor, unseen_first
        self._deck = Deck(pool, self.stage, pool.members[self.stage])
        self._weights = Weights(map(self._weight, range(len(pool.table))))

    def _weight(self, item: int) -> int:
        if self._unseen_first and not self._known.seen(item):
            return TOP * FIRST
        return int(max(self._worth(item), self._floor) * TOP)

    def choose(self, first: int, n: int) -> Choice:
        """By weight as many as falls to these draws, then the next in turn; none twice."""
        by_weight = int((first + n) * self._share) - int(first * self._share)
        taken: set[int] = set()
        items = self._weights.draw(first, by_weight, self.pool.words, taken)
        items += [self._deck.fresh(taken) for _ in range(n - len(items))]
        return Choice(self.stage, first // self.size, items)

    def observe(self, reports: Sequence[Report]) -> None:
        """Weigh the items anew."""
        known, weights, weight = self._known, self._weights, self._weight
        for _, item, outcome in reports:
            known.observe(item, outcome)
            weights[item] = weight(item)

    def state(self) -> dict[str, Json]:
        """What is known, the place in turn, and the order in which equal weights lie."""
        layout = pack(self._weights.layout())
        return {"position": self._deck.position, "layout": layout, **self._known.state()}

    def restore(self, state: Mapping[str, object]) -> None:
        """Weigh all items by what is known."""
        size = len(self.pool.table)
        layout = unpack(entry(state, "layout"), "I", name="layout", length=size)
        self._known.restore(state)
        self._deck.position = count(state, "position")
        self._weights = Weights(map(self._weight, range(size)), checked_layout(layout, size))

    def metrics(self) -> dict[str, Json]:
        """The share of items reported so far, and the mean weight of all."""
        size = len(self.pool.table)
        seen = sum(map(self._known.seen, range(size)))
        weight = sum(self._weights[item] for item in range(size)) / (size * TOP)
        return {"seen": seen / size, "weight": weight}
