"""Names and badges on a map: which places are free, which exclude each other, which are taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from rm_data.picture.candidates import Candidates, Site, candidates
from rm_data.picture.choosing import choose
from rm_data.picture.faults import Obstacles, faults, spread
from rm_data.picture.markers import Marker
from rm_data.picture.overlap import (
    Boxes,
    Floats,
    Ints,
    close,
    extents,
    meet,
    meeting,
)

ABOVE: Final = 0.15
"""Half the room between names above one another."""
_AT: Final = 0.35
"""A name within this of the marker's middle is on neither side of it."""
CHOICE: Final = 12
"""The most places that an item chooses from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where an item stands: on which of its sites, and its box (x, y, along, across, turn)."""

    site: Site
    x: float
    y: float
    along: float
    across: float
    turn: int


def place(
    sites: Sequence[Site],
    obstacles: Obstacles,
    *,
    beside: Mapping[int, Sequence[int]],
    seed: int,
) -> list[Placed]:
    """The place of every item, in order. One that finds no free place takes the least bad one.

    The seed leans the preferences, so that one map has its names on the left where another has
    them on the right. `beside` says which items are neighbours, and shall stand on the same side.
    """
    if not sites:
        return []
    found = candidates(
        sites, obstacles.markers, half_line=float(obstacles.half_width.max(initial=0.0)), seed=seed
    )
    hulls = extents(found.boxes)
    against = faults(sites, found, hulls, obstacles)
    item = np.array([site.item for site in sites])[found.site]
    count = int(item[-1]) + 1
    free = _cheapest(np.nonzero(against == 0)[0], item, found.cost)
    excludes = _exclusions(found.boxes.of(free), item[free], obstacles.between)
    starts = np.searchsorted(item[free], np.arange(count + 1)).tolist()
    mine = [range(starts[i], starts[i + 1]) for i in range(count)]
    sides = _sides(sites, found, free, obstacles.markers)
    cost = found.cost[free].tolist()
    chosen = choose(mine, cost, excludes, side=sides, beside=beside)
    places = [None if spot is None else int(free[spot]) for spot in chosen]
    _least_bad(places, item, found, hulls, against)
    return [_placed(sites, found, spot) for spot in places if spot is not None]


def _cheapest(free: Ints, item: Ints, cost: Floats) -> Ints:
    """Of the free places the `CHOICE` cheapest of each item, in order."""
    ranked = free[np.lexsort((free, cost[free], item[free]))]
    owners = item[ranked]
    rank = np.arange(len(ranked)) - np.searchsorted(owners, owners)
    return np.sort(ranked[rank < CHOICE])


def _sides(
    sites: Sequence[Site], found: Candidates, chosen: Ints, around: Sequence[Marker]
) -> list[tuple[int, int]]:
    """On which side of its marker each place is: -1, 0 or 1 to the right and downwards."""
    middle = np.array([around[site.marker].centre for site in sites])[found.site[chosen]]
    dx = found.boxes.x[chosen] - middle[:, 0]
    dy = found.boxes.y[chosen] - middle[:, 1]
    x = np.where(np.abs(dx) < _AT, 0, np.sign(dx)).astype(int).tolist()
    y = np.where(np.abs(dy) < _AT, 0, np.sign(dy)).astype(int).tolist()
    return list(zip(x, y, strict=True))


def _placed(sites: Sequence[Site], found: Candidates, spot: int) -> Placed:
    boxes = found.boxes
    return Placed(
        site=sites[int(found.site[spot])],
        x=float(boxes.x[spot]),
        y=float(boxes.y[spot]),
        along=float(boxes.along[spot]),
        across=float(boxes.across[spot]),
        turn=int(boxes.turn[spot]),
    )


def _exclusions(boxes: Boxes, item: Ints, between: float) -> list[list[int]]:
    """For each candidate those of other items that it overlaps, with the room between names."""
    hulls = extents(boxes.grown(between, ABOVE))
    present = np.unique(item)
    first = np.searchsorted(item, present)
    if not len(present):
        return []
    reach = np.concatenate(
        [np.minimum.reduceat(hulls[:, :4], first), np.maximum.reduceat(hulls[:, 4:], first)], axis=1
    )
    one, two = close(reach, reach)
    one, two = one[one < two], two[one < two]
    ranges = np.append(first, len(item))
    left, pair = spread(ranges, one)
    right, again = spread(ranges, two[pair])
    left = left[again]
    hit = meeting(hulls, left, hulls, right)
    left, right = left[hit], right[hit]
    return _neighbours(np.concatenate([left, right]), np.concatenate([right, left]), len(item))


def _neighbours(left: Ints, right: Ints, count: int) -> list[list[int]]:
    order = np.lexsort((right, left))
    ends = np.searchsorted(left[order], np.arange(count + 1)).tolist()
    listed = right[order].tolist()
    return [listed[ends[at] : ends[at + 1]] for at in range(count)]


def _least_bad(
    places: list[int | None], item: Ints, found: Candidates, hulls: Floats, against: Ints
) -> None:
    """Items without a place take the one that meets the fewest things."""
    for at in [at for at, spot in enumerate(places) if spot is None]:
        mine = np.nonzero(item == at)[0]
        taken = np.array([spot for spot in places if spot is not None], dtype=np.int64)
        which, other = np.repeat(mine, len(taken)), np.tile(taken, len(mine))
        met = meet(hulls[which], hulls[other]).reshape(len(mine), len(taken)).sum(axis=1)
        worth = (against[mine] + met) * 10 + found.cost[mine]
        places[at] = int(mine[int(np.argmin(worth))])
