"""Lines that nothing is doubtful about, for the types that count or order their stations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rm_data.ground import Ground, per_map
from rm_data.line_graph import stops_from, without_choice


@dataclass(frozen=True, slots=True)
class PlainLine:
    """A line in one piece, of a certain shape, whose stations have one spelling and own names.

    Attributes:
        name: The line.
        near: The stations one stop away, by station.
        loop: Whether some stretch of it can be ridden round.
    """

    name: str
    near: Mapping[str, frozenset[str]]
    loop: bool

    @property
    def ends(self) -> tuple[str, ...]:
        """The stations where it ends, sorted; none on a ring."""
        return tuple(sorted(stop for stop, around in self.near.items() if len(around) == 1))


@per_map
def plain_lines(ground: Ground) -> tuple[PlainLine, ...]:
    """The lines in one piece whose stations can all be asked about."""
    askable = frozenset(ground.stations)
    found: list[PlainLine] = []
    for line, near in ground.network.neighbours.items():
        if line in ground.doubtful or not near:
            continue
        if near.keys() <= askable and len(stops_from(near, min(near))) == len(near):
            found.append(PlainLine(line, near, loop=without_choice(near) != near))
    return tuple(found)
