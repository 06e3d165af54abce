"""Draws by weight in constant time, exact, from weights that change all the time.

The items lie in buckets by the bit length of their weight, a whole number. A draw picks a place in
the area count x 2^bits of all buckets together and takes the item there if the place lies under its
weight, which happens more than every other time; else it tries again. A change of weight moves the
item to another bucket or, mostly, nowhere. (The method of Matias, Vitter and Ni, Theory of
Computing Systems 36, 2003, without its recursion: 32 buckets are few enough to search.)
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

from rm_curriculum.errors import CurriculumError
from rm_curriculum.randomness import Words

BITS: Final = 32
TOP: Final = 1 << 20
"""The weight 1.0 as a whole number; weights above it, up to 4095.0, fit as well."""
FIRST: Final = 1 << 10
"""How much heavier than any other an item is that is to go before all others."""
PATIENCE: Final = 64


class Weights:
    """Items with weights, drawn in proportion to them.

    The order of the items inside a bucket follows from the changes that were made, so it belongs to
    the state; the weights themselves do not: they follow from what is known of the items.

    Args:
        weights: A whole number in [0, 2^32) for each item.
        layout: The items in the order of `layout()`, or None to begin with.
    """

    def __init__(self, weights: Iterable[int], layout: Sequence[int] | None = None) -> None:
        self._weights = array("I", weights)
        self._slots = array("I", bytes(self._weights.itemsize * len(self._weights)))
        self._buckets = [array("I") for _ in range(BITS + 1)]
        for item in range(len(self._weights)) if layout is None else layout:
            bucket = self._buckets[self._weights[item].bit_length()]
            self._slots[item] = len(bucket)
            bucket.append(item)

    def put(self, items: Iterable[int], weights: Iterable[int]) -> None:
        """Change the weights of items, one after the other."""
        held, slots, buckets = self._weights, self._slots, self._buckets
        for item, weight in zip(items, weights, strict=True):
            old, new = held[item].bit_length(), weight.bit_length()
            held[item] = weight
            if old != new:
                bucket, slot = buckets[old], slots[item]
                last = bucket.pop()
                if last != item:
                    bucket[slot] = last
                    slots[last] = slot
                bucket = buckets[new]
                slots[item] = len(bucket)
                bucket.append(item)

    def draw(self, first: int, n: int, words: Words, taken: set[int]) -> list[int]:
        """Items for the draws from number `first` on, none of them in `taken`, to which they go.

        Fewer than `n` only if nothing else has weight. Where `PATIENCE` tries have met nothing but
        what is taken, the heaviest that is not is drawn.
        """
        heavy = [bits for bits in range(BITS, 0, -1) if self._buckets[bits]]
        ends: list[int] = []
        end = 0
        for bits in heavy:
            end += len(self._buckets[bits]) << bits
            ends.append(end)
        if not ends:
            return []
        shelves = [(self._buckets[b], b, (1 << b) - 1) for b in heavy]
        weights, found = self._weights, list[int]()
        for draw, first_word in enumerate(words.span(first, n), first):
            word, attempt = first_word, 0
            while True:
                place = word * end >> 64
                at = bisect_right(ends, place)
                bucket, bits, mask = shelves[at]
                place -= ends[at]  # negative: counts from the end of the bucket
                item = bucket[place >> bits]
                if place & mask < weights[item] and item not in taken:
                    break
                attempt += 1
                if attempt > PATIENCE:
                    item = self._heaviest_but(taken)
                    break
                word = words.of(draw, attempt)
            if item is None:
                break
            taken.add(item)
            found.append(item)
        return found

    def _heaviest_but(self, taken: set[int]) -> int | None:
        left = (item for bucket in self._buckets[:0:-1] for item in bucket if item not in taken)
        return next(left, None)

    def total(self) -> int:
        """The sum of all weights."""
        return sum(self._weights)

    def layout(self) -> array[int]:
        """The items by bucket, in the order in which they lie there."""
        whole = array("I")
        for bucket in self._buckets:
            whole.extend(bucket)
        return whole


def checked_layout(layout: Sequence[int], size: int) -> Sequence[int]:
    """The layout, if each of `size` items is in it once.

    Raises:
        CurriculumError: If not.
    """
    if len(layout) != size or len(set(layout)) != size or (size and max(layout) >= size):
        raise CurriculumError(f"state: layout: expected each of {size} items once")
    return layout
