"""Exact overlap of boxes, many pairs at a time.

A box is upright or turned by 45 degrees, a line mostly runs at a multiple of 45 degrees: all of
them are convex with sides along x, y, x+y and x-y. Two such shapes are apart exactly if they are
apart along one of these four axes (separating axes), so a shape is its extents along the four: a
row of eight numbers. Pieces of line at other angles are tested along their own axes as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

ROOT: Final = 0.7071067811865476
_COS: Final = np.array([1.0, ROOT, ROOT])
_SIN: Final = np.array([0.0, -ROOT, ROOT])


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """Many boxes: middles, half sizes along and across, and their turn.

    Attributes:
        turn: 0 for upright, 1 for 45 degrees to the left (text rises), 2 to the right.
    """

    x: Floats
    y: Floats
    along: Floats
    across: Floats
    turn: Ints

    def __len__(self) -> int:
        return len(self.x)

    def of(self, chosen: Ints | Flags) -> Boxes:
        """Some of them."""
        return Boxes(
            x=self.x[chosen],
            y=self.y[chosen],
            along=self.along[chosen],
            across=self.across[chosen],
            turn=self.turn[chosen],
        )

    def grown(self, along: Floats | float, across: Floats | float) -> Boxes:
        """Each of them larger by that much on every side."""
        return Boxes(
            x=self.x,
            y=self.y,
            along=self.along + along,
            across=self.across + across,
            turn=self.turn,
        )


def extents(boxes: Boxes) -> Floats:
    """(n, 8): lowest x, y, x+y, x-y, then the highest of each."""
    upright = boxes.turn == 0
    both = boxes.along + boxes.across
    flat = np.where(upright, boxes.along, ROOT * both)
    tall = np.where(upright, boxes.across, ROOT * both)
    rising = np.where(boxes.turn == 1, boxes.across, boxes.along) * (2 * ROOT)
    falling = np.where(boxes.turn == 1, boxes.along, boxes.across) * (2 * ROOT)
    half = np.stack(
        [flat, tall, np.where(upright, both, rising), np.where(upright, both, falling)], axis=1
    )
    middle = np.stack([boxes.x, boxes.y, boxes.x + boxes.y, boxes.x - boxes.y], axis=1)
    return np.concatenate([middle - half, middle + half], axis=1)


def pill_extents(a: Floats, b: Floats, radius: Floats) -> Floats:
    """The same of pills: (n, 2) ends and (n,) radii; their ends count as octagons."""
    ends = [np.stack([p[:, 0], p[:, 1], p[:, 0] + p[:, 1], p[:, 0] - p[:, 1]], 1) for p in (a, b)]
    reach = radius[:, None] * np.array([1.0, 1.0, 2 * ROOT, 2 * ROOT])
    return np.concatenate([np.minimum(*ends) - reach, np.maximum(*ends) + reach], axis=1)


def meet(first: Floats, second: Floats) -> Flags:
    """Whether each row of extents meets its partner along all four axes."""
    apart = (first[:, :4] >= second[:, 4:]) | (second[:, :4] >= first[:, 4:])
    return ~(apart[:, 0] | apart[:, 1] | apart[:, 2] | apart[:, 3])


def meeting(first: Floats, i: Ints, second: Floats, j: Ints) -> Ints:
    """The places of the pairs (i[k], j[k]) of rows that meet; axis by axis, so that few remain."""
    left = np.arange(len(i))
    for axis in range(4):
        p, q = i[left], j[left]
        low = np.maximum(first[p, axis], second[q, axis])
        left = left[low < np.minimum(first[p, axis + 4], second[q, axis + 4])]
    return left


def close(first: Floats, second: Floats) -> tuple[Ints, Ints]:
    """The pairs whose upright boxes (the x and y of extents) meet: indices into both."""
    near = (first[:, None, 0] < second[None, :, 4]) & (second[None, :, 0] < first[:, None, 4])
    near &= (first[:, None, 1] < second[None, :, 5]) & (second[None, :, 1] < first[:, None, 5])
    first_index, second_index = np.nonzero(near)
    return first_index, second_index


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Straight pieces of lines, each a box about its segment, longer by half its width."""

    ux: Floats
    uy: Floats
    x: Floats
    y: Floats
    half: Floats
    width: Floats
    extents: Floats
    slanted: Flags


def pieces(a: Floats, b: Floats, width: Floats) -> Pieces:
    """From (n, 2) ends and (n,) half widths."""
    dx, dy = b[:, 0] - a[:, 0], b[:, 1] - a[:, 1]
    length = np.sqrt(dx * dx + dy * dy)
    safe = np.where(length > 0, length, 1.0)
    ux, uy = np.where(length > 0, dx / safe, 1.0), np.where(length > 0, dy / safe, 0.0)
    half = length / 2 + width
    x, y = (a[:, 0] + b[:, 0]) / 2, (a[:, 1] + b[:, 1]) / 2
    middle = np.stack([x, y, x + y, x - y], axis=1)
    along = np.abs(np.stack([ux, uy, ux + uy, ux - uy], axis=1)) * half[:, None]
    aside = np.abs(np.stack([-uy, ux, ux - uy, -uy - ux], axis=1)) * width[:, None]
    reach = along + aside
    slope = np.minimum(np.minimum(abs(ux), abs(uy)), abs(abs(ux) - abs(uy)))
    return Pieces(
        ux=ux,
        uy=uy,
        x=x,
        y=y,
        half=half,
        width=width,
        extents=np.concatenate([middle - reach, middle + reach], axis=1),
        slanted=slope > 1e-9,
    )


def crossed(boxes: Boxes, hulls: Floats, which: Ints, lines: Pieces, piece: Ints) -> Flags:
    """Whether each box `which[i]` (extents `hulls`) meets the piece of line `piece[i]`."""
    hit = np.zeros(len(which), dtype=np.bool_)
    hit[meeting(hulls, which, lines.extents, piece)] = True
    odd = np.nonzero(hit & lines.slanted[piece])[0]
    if len(odd):
        hit[odd] = _slanted(boxes.of(which[odd]), lines, piece[odd])
    return hit


def _slanted(boxes: Boxes, lines: Pieces, piece: Ints) -> Flags:
    """The test along the axes of the piece itself."""
    ux, uy = lines.ux[piece], lines.uy[piece]
    dx, dy = boxes.x - lines.x[piece], boxes.y - lines.y[piece]
    cos, sin = _COS[boxes.turn], _SIN[boxes.turn]
    dot, cross = np.abs(cos * ux + sin * uy), np.abs(cos * uy - sin * ux)
    along = boxes.along * dot + boxes.across * cross + lines.half[piece]
    aside = boxes.along * cross + boxes.across * dot + lines.width[piece]
    return (np.abs(dx * ux + dy * uy) < along) & (np.abs(dy * ux - dx * uy) < aside)


def distances(boxes: Boxes, a: Floats, b: Floats) -> Floats:
    """From each box to the segment from a[i] to b[i]; 0 where they meet."""
    cos, sin = _COS[boxes.turn], _SIN[boxes.turn]

    def inside(ends: Floats) -> tuple[Floats, Floats]:
        dx, dy = ends[:, 0] - boxes.x, ends[:, 1] - boxes.y
        return dx * cos + dy * sin, dy * cos - dx * sin

    ax, ay = inside(a)
    bx, by = inside(b)
    nearest = np.minimum(_to_box(ax, ay, boxes), _to_box(bx, by, boxes))
    long = np.nonzero((ax != bx) | (ay != by))[0]
    if len(long):
        nearest[long] = _to_segment(
            boxes.of(long), nearest[long], (ax[long], ay[long]), (bx[long], by[long])
        )
    return nearest


def _to_box(x: Floats, y: Floats, boxes: Boxes) -> Floats:
    dx = np.maximum(np.abs(x) - boxes.along, 0.0)
    dy = np.maximum(np.abs(y) - boxes.across, 0.0)
    return np.sqrt(dx * dx + dy * dy)


def _to_segment(
    boxes: Boxes, nearest: Floats, a: tuple[Floats, Floats], b: tuple[Floats, Floats]
) -> Floats:
    """With the corners of the box against the inside of the segment, and crossings."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    sides: list[Floats] = []
    for right, down in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        px, py = right * boxes.along - a[0], down * boxes.across - a[1]
        t = np.clip((px * dx + py * dy) / square, 0.0, 1.0)
        ex, ey = px - t * dx, py - t * dy
        nearest = np.minimum(nearest, np.sqrt(ex * ex + ey * ey))
        sides.append(px * dy - py * dx)
    split = (np.minimum.reduce(sides) < 0) & (np.maximum.reduce(sides) > 0)
    level = (np.minimum(a[0], b[0]) < boxes.along) & (np.maximum(a[0], b[0]) > -boxes.along)
    upright = (np.minimum(a[1], b[1]) < boxes.across) & (np.maximum(a[1], b[1]) > -boxes.across)
    return np.where(split & level & upright, 0.0, nearest)
