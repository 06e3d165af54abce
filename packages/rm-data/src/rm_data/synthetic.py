"""Small synthetic cities: seeded networks on a grid, drawn by `rm_data.draw`.

Lines grow as octilinear walks that never visit a cell twice. Each line after the first shares
exactly one station with the lines before it, so that the network is connected and every route with
the fewest transfers is the only one. The same seed gives the same network for ever.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from string import ascii_uppercase
from typing import Final, TypeAlias

from rm_rewards import Line, Network, Station

GENERATOR_VERSION: Final = "1"
"""Changes when a seed gives another network than before."""

Cell: TypeAlias = tuple[int, int]

COLOURS: Final[Mapping[str, str]] = {
    "Red": "#d8262c",
    "Blue": "#1f5fc4",
    "Green": "#1f9a48",
    "Orange": "#f08c1a",
    "Purple": "#7d3c98",
    "Brown": "#8d5a2b",
    "Pink": "#e667a8",
    "Grey": "#7a7f87",
}
"""The palette: a line is called after its colour, so a map needs no legend."""

_WORDS: Final = tuple(
    """
    Abbey Acorn Amber Apple Arch Aspen Barley Basin Bell Birch Bridge Brook Cedar Chapel Cherry
    Cliff Clover Copper Coral Crane Cross Dale Delta Dover Eagle Elm Ember Falcon Fern Ferry Field
    Flint Forge Fort Garden Gate Glen Grove Harbour Hazel Heath Heron Hill Holly Island Ivy Jasper
    Juniper Kiln King Lake Laurel Lily Linden Lodge Maple Market Meadow Mill Mint Moor Museum Oak
    Olive Opal Orchard Palace Park Pearl Pier Pine Plaza Poplar Port Quarry Queen Raven Reed Ridge
    River Robin Rose Sage Shore Silver Spring Square Stone Summit Swan Temple Terrace Theatre Tower
    Tulip Union Vale Valley Viking Walnut Water Willow Windmill Wood York
    """.split()  # noqa: SIM905 - a hundred short names are read more easily as text
)

_STEPS: Final[tuple[Cell, ...]] = tuple(
    (dx, dy) for dx, dy in product((-1, 0, 1), repeat=2) if (dx, dy) != (0, 0)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a kind of synthetic city looks.

    Attributes:
        cell: Default size of a grid cell in pixels; a picture is `grid * cell` wide and high.
        grid: Cells a side.
        lines: Fewest and most lines, where the caller does not say.
        stops: Fewest and most stations of a line.
        palette: The names of the colours that lines are drawn from.
        letters: Stations are single capital letters, written inside their marker; else words,
            written below it.
        stroke: Width of a line as a share of a cell.
    """

    cell: int
    grid: int
    lines: tuple[int, int]
    stops: tuple[int, int]
    palette: tuple[str, ...]
    letters: bool
    stroke: float


STYLES: Final[Mapping[str, Style]] = {
    "compact": Style(
        cell=28,  # one picture token of Qwen2.5-VL: 14-pixel patches, merged two by two
        grid=4,
        lines=(2, 3),
        stops=(3, 5),
        palette=("Red", "Blue", "Green", "Orange"),
        letters=True,
        stroke=0.2,
    ),
    "named": Style(
        cell=112,
        grid=8,
        lines=(3, 6),
        stops=(4, 9),
        palette=tuple(COLOURS),
        letters=False,
        stroke=0.08,
    ),
}


def generate(seed: int, *, style: str = "compact", lines: tuple[int, int] | None = None) -> Network:
    """A synthetic city; its positions are grid cells (column, row).

    Args:
        seed: Names the city: the same seed, style and lines give the same network.
        style: A key of `STYLES`.
        lines: Fewest and most lines, at most as many as the style has colours.

    Raises:
        ValueError: For an unknown style, or a range of lines that the style cannot hold.
    """
    look = style_named(style)
    low, high = lines or look.lines
    if not 1 <= low <= high <= len(look.palette):
        raise ValueError(
            f"lines: found {low}-{high}, expected a range within 1-{len(look.palette)} "
            f"for the style {style!r}"
        )
    attempt = 0
    while True:
        rng = random.Random(f"{GENERATOR_VERSION}:{style}:{low}-{high}:{seed}:{attempt}")
        walks = _walks(rng, look, rng.randint(low, high))
        if walks is not None:
            return _network(rng, look, walks, city=f"{style}-{seed:06d}")
        attempt += 1


def style_named(style: str) -> Style:
    """The style of that name.

    Raises:
        ValueError: If there is none, with the names that exist.
    """
    if style not in STYLES:
        raise ValueError(f"style: found {style!r}, expected one of {', '.join(STYLES)}")
    return STYLES[style]


def _walks(rng: random.Random, look: Style, count: int) -> list[list[Cell]] | None:
    """The cells of each line, or None where a line found no room."""
    taken: set[Cell] = set()
    walks: list[list[Cell]] = []
    for _ in range(count):
        start = rng.choice(sorted(taken)) if taken else _any_cell(rng, look.grid)
        walk = _walk(rng, look, start, taken)
        if walk is None:
            return None
        taken.update(walk)
        walks.append(walk)
    return walks


def _any_cell(rng: random.Random, grid: int) -> Cell:
    return rng.randrange(grid), rng.randrange(grid)


def _walk(rng: random.Random, look: Style, start: Cell, taken: set[Cell]) -> list[Cell] | None:
    """An octilinear walk through `start` and otherwise free cells; it grows at either end."""
    wanted = rng.randint(*look.stops)
    walk = [start]
    while len(walk) < wanted:
        ends = [(walk, -1)] if len(walk) == 1 else [(walk, -1), (walk, 0)]
        moves = [
            (at, cell)
            for _, at in ends
            for cell in _around(walk[at], look.grid)
            if cell not in taken and cell not in walk and not _cuts(walk, walk[at], cell)
        ]
        if not moves:
            return None
        at, cell = rng.choice(moves)
        walk.insert(len(walk) if at == -1 else 0, cell)
    return walk


def _around(cell: Cell, grid: int) -> list[Cell]:
    x, y = cell
    near = [(x + dx, y + dy) for dx, dy in _STEPS]
    return [(a, b) for a, b in near if 0 <= a < grid and 0 <= b < grid]


def _cuts(walk: Sequence[Cell], a: Cell, b: Cell) -> bool:
    """Whether the diagonal a-b would cross another diagonal of the same line."""
    other = {(a[0], b[1]), (b[0], a[1])}
    return any({p, q} == other for p, q in pairwise(walk))


def _network(rng: random.Random, look: Style, walks: list[list[Cell]], *, city: str) -> Network:
    cells = sorted({cell for walk in walks for cell in walk})
    names = rng.sample(ascii_uppercase if look.letters else _WORDS, len(cells))
    at = dict(zip(cells, names, strict=True))
    colours = rng.sample(look.palette, len(walks))
    return Network(
        city=city,
        country="synthetic",
        lines=tuple(
            Line(name=f"{colour} Line", paths=(tuple(at[c] for c in walk),), colour=COLOURS[colour])
            for colour, walk in zip(colours, walks, strict=True)
        ),
        stations=tuple(Station(id=name, name=name) for name in names),
        source=f"rm-data synthetic generator {GENERATOR_VERSION}",
        licence="CC0-1.0",
        positions={name: (float(x), float(y)) for (x, y), name in at.items()},
    )
