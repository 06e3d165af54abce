"""Where a block of text may stand around a marker: near it, turned, along a line, in a wedge.

Each kind of place is made for all blocks at once, as arrays; a number says how much it costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from rm_data.picture.overlap import ROOT, Floats

FAR: Final = 0.55
"""Added to the gap for the places of last resort."""
WEDGE_ROOM: Final = 0.1
"""Between a block and the two lines that it is wedged in."""

Spots: TypeAlias = tuple[Floats, Floats, Floats, Floats, Floats, Floats]
"""Of one kind of place, for each block: x and y of its middle, half its width and height, its turn
(0 upright, 1 rising, 2 falling), its cost."""

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
class Around:
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


def all_spots(blocks: Around, half_line: float) -> list[Spots]:
    """Every kind of place. `half_line` is half the width of a line."""
    return [
        *(_upright(blocks, *place) for place in _UPRIGHT),
        *(_turned(blocks, *place) for place in _TURNED),
        *(_along(blocks, *place) for place in _ALONG),
        *(_wedged(blocks, half_line, *place) for place in _WEDGES),
        *(_spread_out(blocks, half_line, dy) for dy in (-1, 1)),
    ]


def _upright(blocks: Around, dx: int, dy: int, slide: float, cost: float, farther: float) -> Spots:
    """The middle of the box, for blocks at a side (dx or dy is 0) or a corner of the marker."""
    x, y = (blocks.ax + blocks.bx) / 2, (blocks.ay + blocks.by) / 2
    half = blocks.wide / 2
    tall = (blocks.up + blocks.down) / 2
    gap = blocks.gap + farther
    if dy == 0:
        x = x + dx * (blocks.reach(1, 0) + gap + half)
        y = y + (blocks.down - blocks.up) / 2 + slide * tall
    elif dx == 0:
        x = x + slide * half
        y = y + dy * (blocks.reach(0, 1) + gap * 0.8 + tall)
    else:
        corner = ROOT * (blocks.reach(ROOT * dx, ROOT * dy) + gap * 0.8)
        x = x + dx * (corner + half)
        y = y + dy * (corner + tall)
    return x, y, half, tall, np.zeros(len(x)), np.full(len(x), cost)


def _turned(
    blocks: Around, turn: int, side: int, shift: float, cost: float, farther: float
) -> Spots:
    """The middle of the box, for rows at 45 degrees that start or end at the marker."""
    ux, uy = ROOT, (-ROOT if turn == 1 else ROOT)
    half = blocks.wide / 2
    tall = (blocks.up + blocks.down) / 2
    along = side * (blocks.reach(ux, uy) + blocks.gap + farther + half)
    across = (blocks.down - blocks.up) / 2 + shift
    x = (blocks.ax + blocks.bx) / 2 + along * ux - across * uy
    y = (blocks.ay + blocks.by) / 2 + along * uy + across * ux
    return x, y, half, tall, np.full(len(x), float(turn)), np.full(len(x), cost)


def _along(blocks: Around, turn: int, side: int, slide: float, cost: float) -> Spots:
    """The middle of the box, for rows at 45 degrees beside the marker instead of ahead of it."""
    ux, uy = ROOT, (-ROOT if turn == 1 else ROOT)
    half = blocks.wide / 2
    tall = (blocks.up + blocks.down) / 2
    along = slide * half
    across = side * (blocks.reach(-uy, ux) + 0.8 * blocks.gap + tall)
    x = (blocks.ax + blocks.bx) / 2 + along * ux - across * uy
    y = (blocks.ay + blocks.by) / 2 + along * uy + across * ux
    return x, y, half, tall, np.full(len(x), float(turn)), np.full(len(x), cost)


def _wedged(blocks: Around, half_line: float, turn: int, end: int, side: int, cost: float) -> Spots:
    """Just clear of the line that it runs along, and as near as the next line allows."""
    ux, uy = _DIRECTIONS[turn]
    half, tall = blocks.wide / 2, (blocks.up + blocks.down) / 2
    aside = blocks.breadth(-uy, ux) + half_line + WEDGE_ROOM
    nx, ny = _NORMALS[turn, end * side]
    next_line = (blocks.breadth(nx, ny) + half_line + WEDGE_ROOM) / ROOT
    along = end * (aside + 2 * tall + next_line + half)
    across = side * (aside + tall)
    x = (blocks.ax + blocks.bx) / 2 + along * ux - across * uy
    y = (blocks.ay + blocks.by) / 2 + along * uy + across * ux
    return x, y, half, tall, np.full(len(x), float(turn)), np.full(len(x), cost)


def _spread_out(blocks: Around, half_line: float, dy: int) -> Spots:
    """Above or below, as near as lines at 45 degrees on either side allow."""
    half, tall = blocks.wide / 2, (blocks.up + blocks.down) / 2
    aside = np.maximum(blocks.breadth(ROOT, ROOT), blocks.breadth(ROOT, -ROOT))
    away = half + (aside + half_line + WEDGE_ROOM) / ROOT
    x, y = (blocks.ax + blocks.bx) / 2, (blocks.ay + blocks.by) / 2 + dy * (away + tall)
    return x, y, half, tall, np.zeros(len(x)), 3.2 + 0.3 * half
