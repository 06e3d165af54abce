"""Where a name or a badge may stand: candidates around markers, each with its cost.

Places go from the best to the last resort: beside the marker, above or below it, at its corners,
at 45 degrees, in two rows, farther away. All places of all names are made at once, as arrays.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from rm_data.layout import Point
from rm_data.picture.markers import Marker
from rm_data.picture.overlap import Boxes, Floats, Ints
from rm_data.picture.spots import Around, all_spots

LEAN: Final = 0.6
"""The most that a seed adds to the cost of a kind of place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The room that rows of text take: `up` and `down` are measured from the middle line."""

    rows: tuple[str, ...]
    width: float
    up: float
    down: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Something to be placed at a marker: a name, in one of several blocks, or a badge.

    Attributes:
        item: What it is a place of; an item may have several sites, which follow each other.
        marker: Index of the marker that it must be nearest to.
        block: Its size.
        cost: Of choosing this site at all.
        badge: Whether it is a badge: never turned, kept in the direction `outward` of its line.
        angled: Whether it may be turned.
        gap: Between the marker and the block, in heights of the text.
    """

    item: int
    marker: int
    block: Block
    gap: float
    cost: float = 0.0
    badge: bool = False
    angled: bool = False
    outward: Point = (0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """All places of all sites, sorted by item: `boxes`, the index of the `site`, and the cost."""

    boxes: Boxes
    site: Ints
    cost: Floats


def candidates(
    sites: Sequence[Site], around: Sequence[Marker], *, half_line: float, seed: int
) -> Candidates:
    """Every place of every site; the seed adds up to `LEAN` to the cost of each kind of place."""
    mine = [around[site.marker] for site in sites]
    data = np.array(
        [
            (*m.a, *m.b, m.reach, s.block.width, s.block.up, s.block.down, s.gap)
            for s, m in zip(sites, mine, strict=True)
        ]
    ).reshape(len(sites), 9)
    all_sites = _around(data)
    columns = all_spots(all_sites, half_line)
    x, y, along, across, turn, cost = (np.stack(c, axis=1) for c in zip(*columns, strict=True))
    allowed = np.ones(x.shape, dtype=np.bool_)
    allowed &= (turn == 0) | np.array([site.angled for site in sites])[:, None]
    lean = random.Random(f"lean:{seed}")
    cost = cost + np.array([lean.random() * LEAN for _ in columns])
    cost = cost + np.array([site.cost for site in sites])[:, None]
    badge = np.array([site.badge for site in sites])
    cost[badge] = _outward(
        [s for s in sites if s.badge],
        (x - _middle_x(all_sites))[badge],
        (y - _middle_y(all_sites))[badge],
        cost[badge],
    )
    site = np.broadcast_to(np.arange(len(sites))[:, None], x.shape)
    boxes = Boxes(
        x=x[allowed],
        y=y[allowed],
        along=along[allowed],
        across=across[allowed],
        turn=turn[allowed].astype(np.int64),
    )
    return Candidates(boxes=boxes, site=site[allowed], cost=cost[allowed])


def _around(data: Floats) -> Around:
    ax, ay, bx, by, radius, wide, up, down, gap = data.T
    return Around(ax=ax, ay=ay, bx=bx, by=by, radius=radius, wide=wide, up=up, down=down, gap=gap)


def _middle_x(sites: Around) -> Floats:
    return ((sites.ax + sites.bx) / 2)[:, None]


def _middle_y(sites: Around) -> Floats:
    return ((sites.ay + sites.by) / 2)[:, None]


def _outward(sites: Sequence[Site], dx: Floats, dy: Floats, cost: Floats) -> Floats:
    """Badges: straight on from the end of the line is best, whatever the side."""
    ox = np.array([site.outward[0] for site in sites])[:, None]
    oy = np.array([site.outward[1] for site in sites])[:, None]
    length = np.sqrt(dx * dx + dy * dy)
    straight = (dx * ox + dy * oy) / np.where(length > 0, length, 1.0)
    return cost * 0.6 + 1.5 * (1.0 - straight)
