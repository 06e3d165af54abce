"""ChoiceShorterRoute: which of two routes with one transfer has fewer stops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from rm_data import templates
from rm_data.counting import deal
from rm_data.deck import Deck, below
from rm_data.ground import Ground, per_map
from rm_data.kinds.lines import plain_lines
from rm_data.kinds.registry import register
from rm_data.sheet import Sheet
from rm_data.tree import Tree, tree_from, way_in
from rm_rewards import Question

NAME: Final = "ChoiceShorterRoute"
_MOST_APART: Final = 6
_TRIES: Final = 300


@dataclass(frozen=True, slots=True)
class _Change:
    """A route with one transfer: the stations of both rides, ends included."""

    first: str
    second: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def stops(self) -> int:
        return len(self.before) + len(self.after) - 2


def shorter_route(sheet: Sheet, count: int, seed: int) -> Iterator[Question]:
    """Pairs of stations that two ways with one transfer join; one way is up to 6 stops shorter.

    Both have as many transfers, so that these tell nothing, and neither passes a station twice.
    Lines with a stretch that can be ridden round are not used. `fine_grained_answer` gives the
    stations of each route under its letter.
    """
    rng = sheet.random(seed, NAME)
    drawn = list(_drawn(sheet.ground, count, rng))
    letters = deal(len(drawn), 2, rng)
    names = sheet.network.names
    for number, (short, long), letter in zip(sheet.ids(NAME), drawn, letters, strict=False):
        routes = (short, long) if letter == 0 else (long, short)
        start, end = names[short.before[0]], names[short.after[-1]]
        options = tuple(f"{r.first} to {names[r.after[0]]}, then {r.second}" for r in routes)
        asked = f"which of these two routes from {start} to {end} passes fewer stops?"
        ways = {
            key: tuple(names[stop] for stop in (*route.before, *route.after[1:]))
            for key, route in zip(templates.LETTERS, routes, strict=False)
        }
        yield Question(
            id=number,
            type=NAME,
            question=templates.choice(asked, options),
            answer=letter,
            station_1=start,
            station_2=end,
            options=options,
            fine_grained_answer=ways,
            question_transfer_count=1,
            **sheet.columns,
        )


def _drawn(ground: Ground, count: int, rng: Random) -> Iterator[tuple[_Change, _Change]]:
    """(the shorter, the longer), for random pairs of stations."""
    stations = sorted(_trees(ground))
    size = len(stations)
    deck = Deck(range(size * size), rng, lazy=True)
    tries = _TRIES * count
    while count and tries and deck.left:
        start, end = (stations[place] for place in divmod(deck.draw(), size))
        tries -= 1
        pairs = _pairs(_changes(ground, start, end))
        if pairs:
            count -= 1
            yield pairs[below(rng, len(pairs))]


@per_map
def _trees(ground: Ground) -> dict[str, dict[str, Tree]]:
    """By station and line: the ways from there, on the lines without a ring."""
    found: dict[str, dict[str, Tree]] = {}
    for line in plain_lines(ground):
        for stop in () if line.loop else line.near:
            found.setdefault(stop, {})[line.name] = tree_from(line.near, stop)
    return found


def _changes(ground: Ground, start: str, end: str) -> list[_Change]:
    trees = _trees(ground)
    found: list[_Change] = []
    for first, out in trees[start].items():
        for second in trees[end]:
            if first == second:
                continue
            for stop in sorted(out):
                if second in trees[stop] and stop != end:
                    change = _Change(
                        first,
                        second,
                        way_in(out, start, stop),
                        way_in(trees[stop][second], stop, end),
                    )
                    if _is_simple(change):
                        found.append(change)
    return found


def _is_simple(change: _Change) -> bool:
    stops = (*change.before, *change.after[1:])
    return len(change.after) > 1 and len(set(stops)) == len(stops)


def _pairs(changes: Sequence[_Change]) -> list[tuple[_Change, _Change]]:
    return [
        (short, long)
        for short in changes
        for long in changes
        if 0 < long.stops - short.stops <= _MOST_APART
    ]


register(NAME, shorter_route, per_map=10)
