"""Draw from a collection without replacement, at the cost of what is drawn."""

from __future__ import annotations

from collections.abc import Iterator, MutableSequence, Sequence
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


def below(rng: Random, limit: int) -> int:
    """A number from 0 to `limit - 1`, as `rng.randrange(limit)` gives it, in less time."""
    bits = limit.bit_length()
    number = rng.getrandbits(bits)
    while number >= limit:
        number = rng.getrandbits(bits)
    return number


def shuffle(items: MutableSequence[T], rng: Random) -> None:
    """What `rng.shuffle` does, in less time."""
    for last in range(len(items) - 1, 0, -1):
        place = below(rng, last + 1)
        items[last], items[place] = items[place], items[last]


def sample(items: Sequence[T], count: int, rng: Random) -> list[T]:
    """`count` of a few items, as `rng.sample` draws them from up to 21."""
    pool = list(items)
    drawn: list[T] = []
    for left in range(len(pool), len(pool) - count, -1):
        place = below(rng, left)
        drawn.append(pool[place])
        pool[place] = pool[left - 1]
    return drawn


class Deck(Generic[T]):
    """Cards in a random order, each drawn once.

    A deck is shuffled when it is made, unless it is `lazy`: then each card is decided on when it is
    drawn, so that 20 pairs of stations out of 60,000 cost no more than 20 out of 200.
    """

    __slots__ = ("_cards", "_moved", "_rng", "left")

    left: int
    """How many cards are left."""

    def __init__(
        self, cards: Sequence[T], rng: Random, *, lazy: bool, from_front: bool = False
    ) -> None:
        self._rng = rng
        self.left = len(cards)
        self._cards = cards
        self._moved: dict[int, int] | None = {}
        if not lazy:
            shuffled = list(cards)
            shuffle(shuffled, rng)
            self._cards = shuffled[::-1] if from_front else shuffled
            self._moved = None

    def draw(self) -> T:
        """The next card.

        Raises:
            IndexError: If none is left.
        """
        if not self.left:
            raise IndexError("no card is left")
        self.left -= 1
        if self._moved is None:
            return self._cards[self.left]
        place = below(self._rng, self.left + 1)
        card = self._moved.get(place, place)
        last = self._moved.pop(self.left, self.left)
        if place != self.left:
            self._moved[place] = last
        return self._cards[card]


def turned_up(cards: Sequence[T], rng: Random, *, lazy: bool) -> Iterator[T]:
    """The cards one by one in a random order, which is settled at the first, unless it is lazy."""
    deck = Deck(cards, rng, lazy=True)
    if not lazy:
        yield from [deck.draw() for _ in cards]
        return
    while deck.left:
        yield deck.draw()
