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
from rm_data.picture.overlap import ROOT, Boxes, Floats, Ints

FAR: Final = 0.55
"""Added to the gap for the places of last resort."""
LEAN: Final = 0.6
WEDGE_ROOM: Final = 0.1


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


# dx, dy: where the middle of the block lies from the marker (a side or a corner); slide: how far it
# is then moved along the other direction, in halves of its height (sides) or widths (top, bottom)
_UPRIGHT: Final = (
    (1, 0, 0.0, 0.0, 0.0),
    (-1, 0, 0.0, 0.3, 0.0),
    (0, -1, 0.0, 0.8, 0.0),
    (0, 1, 0.0, 0.8, 0.0),
    (1, -1, 0.0, 0.6, 0.0),
    (1, 1, 0.0, 0.6, 0.0),
    (-1, -1, 0.0, 0.9, 0.0),
    (-1, 1, 0.0, 0.9, 0.0),
    (1, 0, -0.6, 0.9, 0.0),
    (1, 0, 0.6, 0.9, 0.0),
    (-1, 0, -0.6, 1.2, 0.0),
    (-1, 0, 0.6, 1.2, 0.0),
    (0, -1, 0.5, 1.1, 0.0),
    (0, 1, 0.5, 1.1, 0.0),
    (0, -1, -0.5, 1.2, 0.0),
    (0, 1, -0.5, 1.2, 0.0),
    (1, 0, 0.0, 3.0, FAR),
    (-1, 0, 0.0, 3.2, FAR),
    (0, -1, 0.0, 3.4, FAR),
    (0, 1, 0.0, 3.4, FAR),
    (1, -1, 0.0, 3.4, FAR),
    (1, 1, 0.0, 3.4, FAR),
    (-1, -1, 0.0, 3.6, FAR),
    (-1, 1, 0.0, 3.6, FAR),
)
# turn, side (1: the text starts at the marker, -1: it ends there), shift across it, cost, farther
_TURNED: Final = (
    (1, 1, 0.0, 1.6, 0.0),
    (1, -1, 0.0, 2.0, 0.0),
    (2, 1, 0.0, 1.9, 0.0),
    (2, -1, 0.0, 2.2, 0.0),
    (1, 1, -0.3, 1.5, 0.1),
    (1, -1, 0.3, 2.0, 0.1),
    (2, 1, 0.3, 1.8, 0.1),
    (2, -1, -0.3, 2.2, 0.1),
    (1, 1, -0.2, 3.6, FAR),
    (1, -1, 0.2, 3.8, FAR),
    (2, 1, 0.2, 3.7, FAR),
    (2, -1, -0.2, 3.9, FAR),
)


# turn, side of the line (1: to the right of the reading direction), slide along it in half widths,
# cost: rows at 45 degrees along a line of that direction
_ALONG: Final = (
    (1, -1, 0.0, 2.6),
    (1, 1, 0.0, 2.6),
    (2, -1, 0.0, 2.8),
    (2, 1, 0.0, 2.8),
    (1, -1, 0.7, 3.0),
    (1, 1, -0.7, 3.0),
    (2, -1, -0.7, 3.2),
    (2, 1, 0.7, 3.2),
)


# turn, end of the text at the marker, side of the reading direction, cost: rows that fill the wedge
# of 45 degrees between the line that they run along and the next one
_WEDGES: Final = (
    (0, 1, -1, 3.0),
    (0, 1, 1, 3.0),
    (0, -1, -1, 3.2),
    (0, -1, 1, 3.2),
    (1, 1, -1, 3.5),
    (1, 1, 1, 3.5),
    (1, -1, -1, 3.6),
    (1, -1, 1, 3.6),
    (2, 1, -1, 3.5),
    (2, 1, 1, 3.5),
    (2, -1, -1, 3.6),
    (2, -1, 1, 3.6),
)
_DIRECTIONS: Final = ((1.0, 0.0), (ROOT, -ROOT), (ROOT, ROOT))
# across the next line, by turn and by whether it lies clockwise (1) or the other way
_NORMALS: Final = {
    (0, 1): (ROOT, -ROOT),
    (0, -1): (ROOT, ROOT),
    (1, 1): (0.0, 1.0),
    (1, -1): (1.0, 0.0),
    (2, 1): (1.0, 0.0),
    (2, -1): (0.0, 1.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """Sites as arrays: ends and radius of the marker, size of the block."""

    ax: Floats
    ay: Floats
    bx: Floats
    by: Floats
    radius: Floats
    wide: Floats
    up: Floats
    down: Floats
    gap: Floats

    def reach(self, dx: float, dy: float) -> Floats:
        """How far the marker reaches in a direction of length 1, from its middle."""
        half = np.abs((self.ax - self.bx) * dx + (self.ay - self.by) * dy) / 2
        return half + self.radius

    def breadth(self, dx: float, dy: float) -> Floats:
        """Half the breadth of the lines that the marker reaches over, in that direction."""
        return np.abs((self.ax - self.bx) * dx + (self.ay - self.by) * dy) / 2


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
    columns = [_upright(all_sites, *place) for place in _UPRIGHT]
    columns += [_turned(all_sites, *place) for place in _TURNED]
    columns += [_along(all_sites, *place) for place in _ALONG]
    columns += [_wedged(all_sites, half_line, *place) for place in _WEDGES]
    columns += [_spread_out(all_sites, half_line, dy) for dy in (-1, 1)]
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


def _around(data: Floats) -> _Around:
    ax, ay, bx, by, radius, wide, up, down, gap = data.T
    return _Around(ax=ax, ay=ay, bx=bx, by=by, radius=radius, wide=wide, up=up, down=down, gap=gap)


def _middle_x(sites: _Around) -> Floats:
    return ((sites.ax + sites.bx) / 2)[:, None]


def _middle_y(sites: _Around) -> Floats:
    return ((sites.ay + sites.by) / 2)[:, None]


_Columns = tuple[Floats, Floats, Floats, Floats, Floats, Floats]


def _upright(
    sites: _Around, dx: int, dy: int, slide: float, cost: float, farther: float
) -> _Columns:
    """The middle of the box, for blocks at a side (dx or dy is 0) or a corner of the marker."""
    x, y = (sites.ax + sites.bx) / 2, (sites.ay + sites.by) / 2
    half = sites.wide / 2
    tall = (sites.up + sites.down) / 2
    gap = sites.gap + farther
    if dy == 0:
        x = x + dx * (sites.reach(1, 0) + gap + half)
        y = y + (sites.down - sites.up) / 2 + slide * tall
    elif dx == 0:
        x = x + slide * half
        y = y + dy * (sites.reach(0, 1) + gap * 0.8 + tall)
    else:
        corner = ROOT * (sites.reach(ROOT * dx, ROOT * dy) + gap * 0.8)
        x = x + dx * (corner + half)
        y = y + dy * (corner + tall)
    return x, y, half, tall, np.zeros(len(x)), np.full(len(x), cost)


def _turned(
    sites: _Around, turn: int, side: int, shift: float, cost: float, farther: float
) -> _Columns:
    """The middle of the box, for rows at 45 degrees that start or end at the marker."""
    ux, uy = ROOT, (-ROOT if turn == 1 else ROOT)
    half = sites.wide / 2
    tall = (sites.up + sites.down) / 2
    along = side * (sites.reach(ux, uy) + sites.gap + farther + half)
    across = (sites.down - sites.up) / 2 + shift
    x = (sites.ax + sites.bx) / 2 + along * ux - across * uy
    y = (sites.ay + sites.by) / 2 + along * uy + across * ux
    return x, y, half, tall, np.full(len(x), float(turn)), np.full(len(x), cost)


def _along(sites: _Around, turn: int, side: int, slide: float, cost: float) -> _Columns:
    """The middle of the box, for rows at 45 degrees beside the marker instead of ahead of it."""
    ux, uy = ROOT, (-ROOT if turn == 1 else ROOT)
    half = sites.wide / 2
    tall = (sites.up + sites.down) / 2
    along = slide * half
    across = side * (sites.reach(-uy, ux) + 0.8 * sites.gap + tall)
    x = (sites.ax + sites.bx) / 2 + along * ux - across * uy
    y = (sites.ay + sites.by) / 2 + along * uy + across * ux
    return x, y, half, tall, np.full(len(x), float(turn)), np.full(len(x), cost)


def _wedged(
    sites: _Around, half_line: float, turn: int, end: int, side: int, cost: float
) -> _Columns:
    """Just clear of the line that it runs along, and as near as the next line allows."""
    ux, uy = _DIRECTIONS[turn]
    half, tall = sites.wide / 2, (sites.up + sites.down) / 2
    aside = sites.breadth(-uy, ux) + half_line + WEDGE_ROOM
    nx, ny = _NORMALS[turn, end * side]
    next_line = (sites.breadth(nx, ny) + half_line + WEDGE_ROOM) / ROOT
    along = end * (aside + 2 * tall + next_line + half)
    across = side * (aside + tall)
    x = (sites.ax + sites.bx) / 2 + along * ux - across * uy
    y = (sites.ay + sites.by) / 2 + along * uy + across * ux
    return x, y, half, tall, np.full(len(x), float(turn)), np.full(len(x), cost)


def _spread_out(sites: _Around, half_line: float, dy: int) -> _Columns:
    """Above or below, as near as lines at 45 degrees on either side allow."""
    half, tall = sites.wide / 2, (sites.up + sites.down) / 2
    aside = np.maximum(sites.breadth(ROOT, ROOT), sites.breadth(ROOT, -ROOT))
    away = half + (aside + half_line + WEDGE_ROOM) / ROOT
    x, y = (sites.ax + sites.bx) / 2, (sites.ay + sites.by) / 2 + dy * (away + tall)
    return x, y, half, tall, np.zeros(len(x)), 3.2 + 0.3 * half


def _outward(sites: Sequence[Site], dx: Floats, dy: Floats, cost: Floats) -> Floats:
    """Badges: straight on from the end of the line is best, whatever the side."""
    ox = np.array([site.outward[0] for site in sites])[:, None]
    oy = np.array([site.outward[1] for site in sites])[:, None]
    length = np.sqrt(dx * dx + dy * dy)
    straight = (dx * ox + dy * oy) / np.where(length > 0, length, 1.0)
    return cost * 0.6 + 1.5 * (1.0 - straight)
