"""ChoiceTerminal: which of four stations of a line is one where it ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rm_data import templates
from rm_data.counting import deal
from rm_data.deck import sample, shuffle, turned_up
from rm_data.ground import Ground, per_map
from rm_data.kinds.lines import PlainLine, plain_lines
from rm_data.kinds.registry import register
from rm_data.line_graph import stops_from
from rm_data.sheet import Sheet
from rm_rewards import Question

NAME: Final = "ChoiceTerminal"
_WRONG: Final = 3
_NEAREST: Final = 5


def terminal(sheet: Sheet, count: int, seed: int) -> Iterator[Question]:
    """Each end of each line once; the wrong options lie near an end of that line.

    Lines with a stretch that can be ridden round have no certain ends, and are left out.
    `fine_grained_answer` names all ends of the line.
    """
    rng = sheet.random(seed, NAME)
    cards = _ends(sheet.ground)
    drawn = [card for _, card in zip(range(count), turned_up(cards, rng, lazy=False), strict=False)]
    letters = deal(len(drawn), _WRONG + 1, rng)
    names = sheet.network.names
    for number, (line, end, others), letter in zip(sheet.ids(NAME), drawn, letters, strict=False):
        wrong = sample(others, _WRONG, rng)
        shuffle(wrong, rng)
        wrong.insert(letter, end)
        options = tuple(names[stop] for stop in wrong)
        asked = f"which of these stations is a terminal of the line {line.name}?"
        yield Question(
            id=number,
            type=NAME,
            question=templates.choice(asked, options),
            answer=letter,
            station_1=names[end],
            line=line.name,
            options=options,
            fine_grained_answer={line.name: tuple(names[stop] for stop in line.ends)},
            **sheet.columns,
        )


@per_map
def _ends(ground: Ground) -> list[tuple[PlainLine, str, list[str]]]:
    """(line, an end, the stations nearest to it that are no ends)."""
    return [
        (line, end, others)
        for line in plain_lines(ground)
        if not line.loop
        for end in line.ends
        if len(others := _near(line, end)) >= _WRONG
    ]


def _near(line: PlainLine, end: str) -> list[str]:
    away = stops_from(line.near, end)
    inner = [stop for stop, around in line.near.items() if len(around) > 1]
    return sorted(inner, key=lambda stop: (away[stop], stop))[:_NEAREST]


register(NAME, terminal, per_map=10)
