"""What stands beside the map: the title above it and the legend of lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rm_data.layout import Point
from rm_data.picture.fonts import measure
from rm_data.picture.look import Look
from rm_rewards import Network

TITLE: Final = 1.9
TITLE_FACE: Final = "sans-bold"
ENTRY: Final = 1.7
"""Height of a row of the legend."""
SWATCH: Final = 1.9
_SPACE: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of the legend: `place` is its top left corner, relative to that of the legend."""

    line: str
    place: Point
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendPlan:
    """A legend before its place is known."""

    entries: tuple[Entry, ...]
    width: float
    height: float


def legend_plan(network: Network, look: Look, *, room: float) -> LegendPlan:
    """Entries in columns that are together at most `room` wide, at least one."""
    names = [line.name for line in network.lines]
    wide = max((measure(name, look.font).width for name in names), default=0.0)
    wide += SWATCH + _SPACE + 1.0
    columns = max(1, min(len(names), int(room // wide)))
    rows = -(-len(names) // columns)
    entries = tuple(
        Entry(line=name, place=(place // rows * wide, place % rows * ENTRY), width=wide - 1.0)
        for place, name in enumerate(names)
    )
    used = -(-len(names) // rows) if rows else 0
    return LegendPlan(entries=entries, width=max(0.0, used * wide - 1.0), height=rows * ENTRY)


def corner_for(
    plan: LegendPlan, frame: tuple[float, float, float, float], taken: Sequence[Sequence[float]]
) -> Point | None:
    """The top left corner of a legend in a corner of the frame where nothing else is, or None.

    Args:
        plan: The legend.
        frame: Left, top, right, bottom of the map.
        taken: Rows whose first two and last two numbers bound a thing on the map.
    """
    left, top, right, bottom = frame
    for x in (left, right - plan.width):
        for y in (bottom - plan.height, top):
            box = (x - 1, y - 1, x + plan.width + 1, y + plan.height + 1)
            if not any(_meet(box, thing) for thing in taken):
                return (x, y)
    return None


def _meet(box: tuple[float, float, float, float], thing: Sequence[float]) -> bool:
    left, top, right, bottom = thing
    return left < box[2] and box[0] < right and top < box[3] and box[1] < bottom


def title_text(network: Network) -> str:
    """The city's name as a title: `new_york` is `New York`."""
    words = network.city.replace("_", " ").split()
    return " ".join(word if any(c.isupper() for c in word) else word.capitalize() for word in words)
