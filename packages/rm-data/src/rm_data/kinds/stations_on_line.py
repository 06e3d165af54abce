"""CountingStations: how many stations a line has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rm_data import templates
from rm_data.counting import evenly
from rm_data.kinds.lines import PlainLine, plain_lines
from rm_data.kinds.registry import register
from rm_data.sheet import Sheet
from rm_rewards import Question

NAME: Final = "CountingStations"


def stations_on_line(sheet: Sheet, count: int, seed: int) -> Iterator[Question]:
    """Each line once, the numbers of stations by turns.

    A line with a station of doubtful spelling, or in pieces, is left out.
    `fine_grained_answer` names the stations.
    """
    by_number: dict[int, list[PlainLine]] = {}
    for line in plain_lines(sheet.ground):
        by_number.setdefault(len(line.near), []).append(line)
    rng = sheet.random(seed, NAME)
    drawn = evenly(list(by_number.values()), count, rng, lazy=False)
    names = sheet.network.names
    for number, line in zip(sheet.ids(NAME), drawn, strict=False):
        yield Question(
            id=number,
            type=NAME,
            question=templates.number(f"how many stations are there on the line {line.name}?"),
            answer=len(line.near),
            line=line.name,
            fine_grained_answer={line.name: tuple(names[stop] for stop in sorted(line.near))},
            **sheet.columns,
        )


register(NAME, stations_on_line, per_map=5)
