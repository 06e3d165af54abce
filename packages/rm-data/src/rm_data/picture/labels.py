"""What is to be placed on a map: the names of stations and the badges of lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from rm_data.layout import Point
from rm_data.picture.candidates import Block, Site
from rm_data.picture.fonts import CAPITAL, measure
from rm_data.picture.look import Look
from rm_data.picture.tracks import Drawn
from rm_rewards import Line, Network

LEADING: Final = 1.14
"""From base line to base line of the rows of a label, in heights of the text."""
PAD: Final = 0.05
"""On either side of a name, for letters that reach beyond their own width."""
BADGE_PAD: Final = (0.29, 0.2)
LONG_BADGE: Final = 4.5
BADGE_FACE: Final = "sans-bold"

_NUMBERED: Final = re.compile(
    r"(?:line|ligne|linie|línea|linea|linha|metro) *(?:no\.? *)?(\w{1,3})", re.IGNORECASE
)
_NUMBERED_HAN: Final = re.compile(r"([0-9]{1,2})[号號]线?線?")
_BREAK: Final = re.compile(r"(?<=[-/–—])|(?<= )")
_HAN: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to place: the name of the station `key`, or a badge of the line `key`."""

    key: str
    badge: bool = False


def badge_texts(network: Network, look: Look) -> dict[str, str]:
    """What stands in the badge of each line: `5` for `Line 5` and `5号线`, else the whole name.

    Lines that would have the same short text keep their whole names. Empty without badges.
    """
    if look.badges == "none":
        return {}
    whole = {line.name: line.name for line in network.lines}
    if look.badges == "full":
        return whole
    short = {name: _short(name) for name in whole}
    often = Counter(short.values())
    return {name: text if often[text] == 1 else name for name, text in short.items()}


def _short(name: str) -> str:
    found = _NUMBERED.fullmatch(name) or _NUMBERED_HAN.fullmatch(name)
    return name if found is None else found[1]


def name_blocks(name: str, look: Look) -> list[Block]:
    """The name in one row, and in two where it can be broken into shorter ones."""
    text = name.upper() if look.case == "upper" else name
    return _blocks(text, look.font, rows=look.rows)


def badge_blocks(text: str) -> list[Block]:
    """The box of a badge in one row, and in two if it is long; at least as wide as high."""
    one, *two = (_padded(block) for block in _blocks(text, BADGE_FACE, rows=2))
    return [one, *two] if one.width > LONG_BADGE else [one]


def _padded(block: Block) -> Block:
    up, down = block.up + BADGE_PAD[1], block.down + BADGE_PAD[1]
    return replace(block, width=max(block.width + 2 * BADGE_PAD[0], up + down), up=up, down=down)


def _blocks(text: str, face: str, *, rows: int) -> list[Block]:
    one = _block((text,), face)
    if rows == 1:
        return [one]
    halves = [pair for pair in _halves(text) if all(half.strip() for half in pair)]
    blocks = [_block((first.strip(), second.strip()), face) for first, second in halves]
    best = min(blocks, key=lambda block: block.width, default=None)
    return [one] if best is None or best.width > 0.85 * one.width else [one, best]


def _halves(text: str) -> Iterator[tuple[str, str]]:
    for found in _BREAK.finditer(text):
        yield text[: found.start()], text[found.start() :]
    if len(text) > 4 and _HAN.fullmatch(text):
        yield text[: (len(text) + 1) // 2], text[(len(text) + 1) // 2 :]


def _block(rows: tuple[str, ...], face: str) -> Block:
    measured = [measure(row, face) for row in rows]
    spread = LEADING * (len(rows) - 1) / 2
    return Block(
        rows=rows,
        width=max(row.width for row in measured) + 2 * PAD,
        up=measured[0].above - CAPITAL / 2 + spread,
        down=measured[-1].below + CAPITAL / 2 + spread,
    )


def items_and_sites(network: Network, drawn: Drawn, look: Look) -> tuple[list[Item], list[Site]]:
    """All names, then all badges."""
    places = {stop: index for index, stop in enumerate(network.names)}
    items: list[Item] = []
    sites: list[Site] = []
    for stop, name in network.names.items():
        further = look.interchange_gap if len(network.lines_at[stop]) > 1 else 0.0
        for row, block in enumerate(name_blocks(name, look)):
            sites.append(
                Site(
                    item=len(items),
                    marker=places[stop],
                    block=block,
                    gap=look.label_gap + further,
                    cost=0.7 * row,
                    angled=look.angled and row == 0,
                )
            )
        items.append(Item(key=stop))
    texts = badge_texts(network, look)
    for line in network.lines:
        if line.name in texts:
            blocks = badge_blocks(texts[line.name])
            _add_badges(line, blocks, look.label_gap, network, drawn, items, sites)
    return items, sites


def _add_badges(
    line: Line,
    blocks: Sequence[Block],
    gap: float,
    network: Network,
    drawn: Drawn,
    items: list[Item],
    sites: list[Site],
) -> None:
    places = {stop: index for index, stop in enumerate(network.names)}
    for stops in _badge_stops(line, network):
        item = len(items)
        for (rank, stop), (row, block) in product(enumerate(stops), enumerate(blocks)):
            sites.append(
                Site(
                    item=item,
                    marker=places[stop],
                    block=block,
                    gap=gap,
                    cost=0.3 * rank + 3.0 * row,
                    badge=True,
                    outward=_outward(line, stop, network, drawn),
                )
            )
        items.append(Item(key=line.name, badge=True))


def _badge_stops(line: Line, network: Network) -> Iterator[Sequence[str]]:
    """For each badge of the line the stations where it may stand: an end, or along a loop."""
    near = network.neighbours[line.name]
    if not near:
        return
    ends = [stop for stop, others in near.items() if len(others) <= 1]
    if ends:
        yield from ([end] for end in ends)
        return
    alone = [stop for stop in near if len(network.lines_at[stop]) == 1] or list(near)
    step = max(1, len(alone) // 8)
    yield alone[::step][:8]


def _outward(line: Line, stop: str, network: Network, drawn: Drawn) -> Point:
    """The direction in which the line leaves the map at its end; (0, 0) within a line."""
    if len(network.neighbours[line.name][stop]) != 1:
        return (0.0, 0.0)
    here = drawn.slots[stop][0].place
    for slot in drawn.slots[stop]:
        if slot.line == line.name:
            here = slot.place
            first = any(_starts(path, here) for path in drawn.polylines[line.name])
            return (-slot.along[0], -slot.along[1]) if first else slot.along
    return (0.0, 0.0)


def _starts(path: Iterable[Point], here: Point) -> bool:
    return next(iter(path)) == here
