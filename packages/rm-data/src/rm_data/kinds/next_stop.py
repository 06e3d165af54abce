"""ChoiceNextStop: which station comes next on a line, in the direction of one of its ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from rm_data import templates
from rm_data.counting import deal
from rm_data.deck import sample, shuffle, turned_up
from rm_data.ground import Ground, per_map
from rm_data.kinds.lines import PlainLine, plain_lines
from rm_data.kinds.registry import register
from rm_data.line_graph import stops_from
from rm_data.sheet import Sheet
from rm_data.tree import tree_from, way_in
from rm_rewards import Question

NAME: Final = "ChoiceNextStop"
_WRONG: Final = 3
_NEAREST: Final = 4
_Case: TypeAlias = tuple[PlainLine, str, str]


def next_stop(sheet: Sheet, count: int, seed: int) -> Iterator[Question]:
    """Each station of each line in each direction once; the wrong options are the others near by.

    The stop asked for is never the end that the question names. Lines with a stretch that can be
    ridden round have no certain direction, and are left out. `fine_grained_answer` lists the
    stations from there to the end of the line.
    """
    rng = sheet.random(seed, NAME)
    cards = turned_up(_cases(sheet.ground), rng, lazy=sheet.ground.lazy)
    drawn = [card for _, card in zip(range(count), cards, strict=False)]
    letters = deal(len(drawn), _WRONG + 1, rng)
    names = sheet.network.names
    for number, (line, here, end), letter in zip(sheet.ids(NAME), drawn, letters, strict=False):
        way = way_in(tree_from(line.near, here), here, end)
        shown = sample(_near(line, here, way[1]), _WRONG, rng)
        shuffle(shown, rng)
        shown.insert(letter, way[1])
        options = tuple(names[stop] for stop in shown)
        asked = (
            f"riding on the line {line.name} from {names[here]} towards {names[end]}, "
            "which station comes next?"
        )
        yield Question(
            id=number,
            type=NAME,
            question=templates.choice(asked, options),
            answer=letter,
            station_1=names[here],
            station_2=names[end],
            line=line.name,
            options=options,
            fine_grained_answer=tuple(names[stop] for stop in way[1:]),
            **sheet.columns,
        )


@per_map
def _cases(ground: Ground) -> list[_Case]:
    """(line, station, end): the end is two stops away at least."""
    return [
        (line, here, end)
        for line in plain_lines(ground)
        if not line.loop and len(line.near) > _WRONG + 1
        for end in line.ends
        for here, stops in sorted(stops_from(line.near, end).items())
        if stops > 1
    ]


def _near(line: PlainLine, here: str, right: str) -> list[str]:
    away = stops_from(line.near, here)
    others = (stop for stop in line.near if stop not in {here, right})
    return sorted(others, key=lambda stop: (away[stop], stop))[:_NEAREST]


register(NAME, next_stop, per_map=10)
