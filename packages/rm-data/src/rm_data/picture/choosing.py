"""One place for each item, none of which excludes another: greedy, then repaired.

Items take their cheapest free place, those with the fewest places first. An item that finds none
takes a place all the same and sends away whoever is in it; those look for another place. An item
that has lost often is harder to send away, and a place that was tried often attracts less. What
remains without a place in the end is told. At last items move to places that they like better,
where like means cheap, and on the same side as the items next to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

_EFFORT: Final = 4
"""Repairs per item before those that are left are given up."""
_LEAST_EFFORT: Final = 100
_ROUNDS: Final = 3
_AGREED: Final = 0.3
"""What it is worth to stand on the same side as a neighbour."""
_CROWDING: Final = 0.04
"""Cost of a place for each place of others that it excludes."""


def choose(
    places: Sequence[Sequence[int]],
    cost: Sequence[float],
    excludes: Sequence[Sequence[int]],
    *,
    side: Sequence[tuple[int, int]] = (),
    beside: Mapping[int, Sequence[int]] | None = None,
) -> list[int | None]:
    """The place of each item, or None for an item that could not be placed.

    Args:
        places: For each item its places, as numbers that no other item has.
        cost: Of each place.
        excludes: For each place the places of other items that cannot be had with it; symmetric.
        side: Of each place: -1, 0 or 1 to the right and downwards; needed with `beside`.
        beside: The items next to an item, whose sides it prefers.
    """
    board = _Board(places, cost, excludes)
    order = sorted(range(len(places)), key=lambda item: (len(places[item]), item))
    waiting = [item for item in order if not board.take_free(item)]
    waiting = [item for item in waiting if places[item]]
    for _ in range(max(_LEAST_EFFORT, _EFFORT * len(places))):
        if not waiting:
            break
        waiting += board.take_by_force(waiting.pop(0))
    for item in waiting:
        board.take_free(item)
    board.improve(side, beside or {})
    return board.chosen


class _Board:
    """Who stands where. `pressed[place]` counts the chosen places that exclude it."""

    def __init__(
        self,
        places: Sequence[Sequence[int]],
        cost: Sequence[float],
        excludes: Sequence[Sequence[int]],
    ) -> None:
        self._places = places
        self._cost = cost
        self._excludes = excludes
        self._owner = {place: item for item, mine in enumerate(places) for place in mine}
        self._pressed = [0] * len(cost)
        self._tried = [0] * len(cost)
        self._stubborn = [1.0] * len(places)
        self.chosen: list[int | None] = [None] * len(places)

    def take_free(self, item: int) -> bool:
        """Its cheapest free place, crowded places last; whether there was one."""
        free = [place for place in self._places[item] if not self._pressed[place]]
        if not free:
            return False
        self._put(item, min(free, key=self._priced))
        return True

    def take_by_force(self, item: int) -> list[int]:
        """The place whose loss hurts the others least; gives those that lost theirs."""
        self._stubborn[item] += 1.0
        place = min(
            self._places[item], key=lambda p: (self._hurt(p) + self._tried[p], self._cost[p], p)
        )
        self._tried[place] += 1
        sent = self._standing(place)
        for owner in sent:
            self._leave(owner)
        self._put(item, place)
        return [owner for owner in sent if not self.take_free(owner)]

    def improve(self, side: Sequence[tuple[int, int]], beside: Mapping[int, Sequence[int]]) -> None:
        """A few rounds in which every item moves to the free place that it likes best."""
        for _ in range(_ROUNDS):
            before = list(self.chosen)
            for item, place in enumerate(before):
                if place is not None:
                    self._leave(item)
                    near = [self.chosen[other] for other in beside.get(item, ())]
                    sides = [side[other] for other in near if other is not None]
                    free = [other for other in self._places[item] if not self._pressed[other]]
                    worth = [(self._disliked(other, side, sides), other) for other in free]
                    self._put(item, min(worth)[1])
            if self.chosen == before:
                break

    def _disliked(
        self, place: int, side: Sequence[tuple[int, int]], sides: Sequence[tuple[int, int]]
    ) -> float:
        if not sides:
            return self._cost[place]
        x, y = side[place]
        agreed = sum((x != 0 and x == other[0]) + (y != 0 and y == other[1]) for other in sides)
        return self._cost[place] - _AGREED * agreed

    def _priced(self, place: int) -> tuple[float, int]:
        return self._cost[place] + _CROWDING * len(self._excludes[place]), place

    def _standing(self, place: int) -> list[int]:
        """The items that would have to leave, each once."""
        owners = dict.fromkeys(self._owner[other] for other in self._excludes[place])
        excluded = set(self._excludes[place])
        return [owner for owner in owners if self.chosen[owner] in excluded]

    def _hurt(self, place: int) -> float:
        if not self._pressed[place]:
            return 0.0
        return sum(self._stubborn[owner] for owner in self._standing(place))

    def _put(self, item: int, place: int) -> None:
        self.chosen[item] = place
        for other in self._excludes[place]:
            self._pressed[other] += 1

    def _leave(self, item: int) -> None:
        place = self.chosen[item]
        if place is not None:
            self.chosen[item] = None
            for other in self._excludes[place]:
                self._pressed[other] -= 1
