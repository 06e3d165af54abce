"""The octilinear grid that synthetic cities grow on: cells, headings, and ways between cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

Cell: TypeAlias = tuple[int, int]
"""(column, row); columns count to the right and rows down."""

Edge: TypeAlias = tuple[Cell, Cell]
"""Two neighbouring cells, the lesser first."""

HEADINGS: Final[tuple[Cell, ...]] = (
    (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1),
)  # fmt: skip
"""The eight steps to a neighbour, an eighth of a turn from one to the next."""

_HEADING: Final[dict[Cell, int]] = {step: number for number, step in enumerate(HEADINGS)}


def heading(a: Cell, b: Cell) -> int:
    """The number in `HEADINGS` of the step from `a` to its neighbour `b`."""
    return _HEADING[b[0] - a[0], b[1] - a[1]]


def turn(before: int, after: int) -> int:
    """Eighths of a turn between two headings: 0 straight on, 4 back."""
    eighths = (after - before) % 8
    return min(eighths, 8 - eighths)


def distance(a: Cell, b: Cell) -> int:
    """Steps from `a` to `b` over an empty grid."""
    return max(abs(a[0] - b[0]), abs(a[1] - b[1]))


def edge(a: Cell, b: Cell) -> Edge:
    """The edge between two neighbours, whichever way it is ridden."""
    return (a, b) if a < b else (b, a)


def other_diagonal(a: Cell, b: Cell) -> Edge:
    """The edge that crosses the diagonal edge a-b between the cells."""
    return edge((a[0], b[1]), (b[0], a[1]))


def leg(start: Cell, end: Cell, *, straight_first: bool, share: float) -> list[Cell]:
    """An octilinear way from `start` to `end`, both included, with two bends at the most.

    Args:
        start: Where it begins.
        end: Where it ends.
        straight_first: Straight steps, then all diagonal ones, then the other straight ones; else
            the same with the words exchanged.
        share: How much of what comes first comes before the rest, from 0 to 1.
    """
    dx, dy = end[0] - start[0], end[1] - start[1]
    sx, sy = (dx > 0) - (dx < 0), (dy > 0) - (dy < 0)
    diagonal, straight = (sx, sy), (sx, 0) if abs(dx) > abs(dy) else (0, sy)
    diagonals, straights = min(abs(dx), abs(dy)), abs(abs(dx) - abs(dy))
    outer, outers, inner, inners = (
        (straight, straights, diagonal, diagonals)
        if straight_first
        else (diagonal, diagonals, straight, straights)
    )
    before = round(outers * share)
    x, y = start
    way = [start]
    for (step_x, step_y), count in ((outer, before), (inner, inners), (outer, outers - before)):
        for _ in range(count):
            x += step_x
            y += step_y
            way.append((x, y))
    return way


def octagon(centre: Cell, half_width: int, half_height: int, corner: int) -> list[Cell]:
    """The cells of a ring with cut corners, each once, in order."""
    x, y = centre
    w, h, c = half_width, half_height, corner
    corners = [
        (x - w + c, y - h), (x + w - c, y - h), (x + w, y - h + c), (x + w, y + h - c),
        (x + w - c, y + h), (x - w + c, y + h), (x - w, y + h - c), (x - w, y - h + c),
    ]  # fmt: skip
    cells: list[Cell] = []
    for a, b in pairwise([*corners, corners[0]]):
        cells += leg(a, b, straight_first=True, share=0)[:-1]
    return cells


def bends(cells: Sequence[Cell]) -> Iterable[Cell]:
    """The cells, ends not included, at which a way changes its heading."""
    for (x0, y0), (x1, y1), (x2, y2) in zip(cells, cells[1:], cells[2:], strict=False):
        if (x1 - x0, y1 - y0) != (x2 - x1, y2 - y1):
            yield x1, y1
