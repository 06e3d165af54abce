"""Four numbers to choose from, of which none looks like the right one.

Wrong options drawn around the right one give it away: it tends to stand in the middle of a wide
set, and at the end of a narrow one. Here the four numbers come first, and which of them is right is
decided afterwards, so that on a map where all counts occur each is right equally often.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from random import Random
from typing import Final, Protocol, TypeAlias

from rm_data.deck import below

Window: TypeAlias = tuple[int, int, int, int]
"""Four different numbers, rising; the largest is 4 more than the smallest at the most."""

_SHAPES: Final = ((0, 1, 2, 3), (0, 1, 2, 4), (0, 1, 3, 4), (0, 2, 3, 4))
_TRIES: Final = 12


class Pile(Protocol):
    """What can be drawn from while any is `left`."""

    left: int


def windows(counts: Collection[int]) -> tuple[Window, ...]:
    """The windows whose numbers all occur on the map; 0 to 3 count as occurring.

    >>> windows([0, 1])
    ((0, 1, 2, 3),)
    """
    known = {*range(4), *counts}
    return tuple(
        (low + a, low + b, low + c, low + d)
        for low in sorted(known)
        for a, b, c, d in _SHAPES
        if known.issuperset((low + a, low + b, low + c, low + d))
    )


def choose(
    found: tuple[Window, ...], rank: int, piles: Mapping[int, Pile], rng: Random
) -> Window | None:
    """A window whose number at `rank` has something left, each of them equally likely.

    None where no window has.
    """
    for _ in range(_TRIES):
        window = found[below(rng, len(found))]
        pile = piles.get(window[rank])
        if pile is not None and pile.left:
            return window
    fitting = [w for w in found if (pile := piles.get(w[rank])) is not None and pile.left]
    return fitting[below(rng, len(fitting))] if fitting else None
