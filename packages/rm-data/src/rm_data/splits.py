"""Train and test by city, so that no map is on both sides."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import TypeAlias

from rm_rewards import RecordError

Place: TypeAlias = tuple[str, str]
"""(country, city)."""


def cities_for_test(places: Iterable[Place], *, share: float, seed: int) -> frozenset[Place]:
    """The cities of the test side: `share` of them, rounded, one at least, and not all.

    The choice depends on the seed and the set of cities, not on their order.

    Raises:
        RecordError: For a share outside (0, 1), or fewer than two cities.
    """
    if not 0 < share < 1:
        raise RecordError("test_share", share, "a share between 0 and 1")
    ranked = sorted(set(places), key=lambda place: _rank(place, seed))
    if len(ranked) < 2:
        raise RecordError("PATH", f"{len(ranked)} city", "two cities or more to split by city")
    return frozenset(ranked[: min(max(1, round(share * len(ranked))), len(ranked) - 1)])


def _rank(place: Place, seed: int) -> str:
    return sha256("\n".join([str(seed), *place]).encode()).hexdigest()
