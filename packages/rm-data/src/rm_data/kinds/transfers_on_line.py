"""CountingTransfers: at how many stations of a line one can change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rm_data import templates
from rm_data.counting import evenly
from rm_data.kinds.lines import plain_lines
from rm_data.kinds.registry import register
from rm_data.sheet import Sheet
from rm_rewards import Question

NAME: Final = "CountingTransfers"


def transfers_on_line(sheet: Sheet, count: int, seed: int) -> Iterator[Question]:
    """Each line once, the numbers of transfer stations by turns; no number for more than half.

    A transfer station is one that another line serves too. A map with a station of two spellings,
    which may hide a transfer, is asked about its other lines only. `fine_grained_answer` names the
    transfer stations.
    """
    network = sheet.network
    by_number: dict[int, list[tuple[str, tuple[str, ...]]]] = {}
    for line in plain_lines(sheet.ground):
        changes = tuple(stop for stop in sorted(line.near) if len(network.lines_at[stop]) > 1)
        by_number.setdefault(len(changes), []).append((line.name, changes))
    rng = sheet.random(seed, NAME)
    drawn = evenly(list(by_number.values()), count, rng, lazy=False)
    for number, (line, changes) in zip(sheet.ids(NAME), drawn, strict=False):
        asked = f"at how many stations of the line {line} can one change to another line?"
        yield Question(
            id=number,
            type=NAME,
            question=templates.number(asked),
            answer=len(changes),
            line=line,
            fine_grained_answer={line: tuple(network.names[stop] for stop in changes)},
            **sheet.columns,
        )


register(NAME, transfers_on_line, per_map=5)
