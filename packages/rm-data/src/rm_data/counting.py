"""Counting1, Counting2 and Counting3: stops between stations, lines at a station, lines in all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeAlias, TypeVar

from rm_data import templates
from rm_data.deck import Deck, below, shuffle
from rm_data.ground import Ground, per_map
from rm_data.line_graph import without_choice
from rm_data.sheet import Sheet
from rm_data.tree import Tree, tree_from, way_in
from rm_data.windows import Window, choose, windows
from rm_rewards import Question

T = TypeVar("T")

Way: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Ways:
    """The stretches of all lines on which there is no choice.

    Attributes:
        trees: By line and station: the ways from that station.
        by_count: Pairs of stations by the number of stops between them on a line.
        windows: The options that fit this map.
    """

    trees: Mapping[str, Mapping[str, Tree]]
    by_count: Mapping[int, Sequence[tuple[str, str]]]
    windows: tuple[Window, ...]


def stops_between(sheet: Sheet, count: int, seed: int) -> Iterator[Question]:
    """Counting1: pairs on one line with exactly one possible count.

    Left out are pairs around a loop, also one that is probably not closed in the file, pairs that
    two lines join by different ways, and pairs on pieces of a line whose connection is not known.
    The four options lie within 4 of each other and all occur as counts on the map, as far as it has
    enough (`rm_data.windows`); the right one is the smallest, second, third and largest equally
    often, and so are the letters.
    """
    rng = sheet.random(seed, "Counting1")
    drawn = _drawn(sheet.ground, count, rng)
    letters = deal(len(drawn), 4, rng)
    names = sheet.network.names
    for number, found, letter in zip(sheet.ids("Counting1"), drawn, letters, strict=False):
        line, way, window = found
        options = _listed(window, len(way) - 2, letter, rng)
        stops = tuple([names[stop] for stop in way])
        yield Question(
            id=number,
            type="Counting1",
            question=templates.stops_between(stops[0], stops[-1], options),
            answer=letter,
            station_1=stops[0],
            station_2=stops[-1],
            line=line,
            options=options,
            fine_grained_answer=stops[1:-1],
            **sheet.columns,
        )


def _drawn(ground: Ground, count: int, rng: Random) -> list[tuple[str, Way, Window]]:
    """Ways between pairs of stations with their options, as many of each rank as of the others."""
    ways = _ways(ground)
    decks = {n: Deck(pairs, rng, lazy=ground.lazy) for n, pairs in ways.by_count.items()}
    found: list[tuple[str, Way, Window]] = []
    open_ranks = {*range(4)}
    ranks = deal(count, 4, rng)
    while ranks and open_ranks:
        rank = ranks.pop()
        if rank not in open_ranks:
            rank = sorted(open_ranks)[below(rng, len(open_ranks))]
        window = choose(ways.windows, rank, decks, rng)
        if window is None:
            open_ranks.discard(rank)
            ranks.append(rank)
            continue
        way = _next_way(ground, ways.trees, decks[window[rank]], rng)
        if way is None:
            ranks.append(rank)
        else:
            found.append((*way, window))
    return found


@per_map
def _ways(ground: Ground) -> _Ways:
    order = {stop: i for i, stop in enumerate(ground.stations)}
    trees: dict[str, dict[str, Tree]] = {}
    found: dict[int, dict[tuple[str, str], None]] = {}
    for line, near in ground.network.neighbours.items():
        forest = without_choice(near) if line not in ground.doubtful else dict.fromkeys(near, ())
        of_line = trees[line] = dict[str, Tree]()
        for start in sorted(near.keys() & order.keys(), key=order.__getitem__):
            tree = of_line[start] = tree_from(forest, start)
            stops = {start: 0}
            for end, before in tree.items():
                stops[end] = stops[before] + 1
                if order.get(end, -1) > order[start]:
                    found.setdefault(stops[end] - 1, {})[start, end] = None
    by_count = {
        count: sorted(pairs, key=lambda pair: (order[pair[0]], order[pair[1]]))
        for count, pairs in found.items()
    }
    return _Ways(trees, by_count, windows(by_count))


def _next_way(
    ground: Ground,
    trees: Mapping[str, Mapping[str, Tree]],
    pairs: Deck[tuple[str, str]],
    rng: Random,
) -> tuple[str, Way] | None:
    """The next pair that has one way only, whichever line is taken; None if none is left."""
    lines_at = ground.network.lines_at
    while pairs.left:
        a, b = pairs.draw()
        start, end = (a, b) if rng.random() < 0.5 else (b, a)
        lines = [line for line in lines_at[start] if line in lines_at[end]]
        ways = {way_in(trees[line][start], start, end) for line in lines}
        if len(ways) == 1 and () not in ways:
            return lines[0], ways.pop()
    return None


def deal(count: int, kinds: int, rng: Random) -> list[int]:
    """The numbers from 0 to `kinds - 1` in a random order, each as often as the others, up to one.

    With 4 kinds these are the letters of the right options.
    """
    first = below(rng, kinds)
    dealt = [(first + i) % kinds for i in range(count)]
    shuffle(dealt, rng)
    return dealt


def _listed(window: Window, truth: int, letter: int, rng: Random) -> tuple[str, ...]:
    """The four numbers, the right one at `letter`, the others in a random order."""
    wrong = [number for number in window if number != truth]
    shuffle(wrong, rng)
    wrong.insert(letter, truth)
    return tuple([str(number) for number in wrong])


def lines_through(sheet: Sheet, count: int, seed: int) -> Iterator[Question]:
    """Counting2: the answers come up by turns; no answer makes up more than half, plus one.

    Most stations of a map are on one line, and a reply "1" to every question would be right for
    nine out of ten stations drawn at random.
    """
    rng = sheet.random(seed, "Counting2")
    drawn = evenly(_by_lines(sheet.ground), count, rng, lazy=sheet.ground.lazy)
    names, lines_at = sheet.network.names, sheet.network.lines_at
    for number, stop in zip(sheet.ids("Counting2"), drawn, strict=False):
        yield Question(
            id=number,
            type="Counting2",
            question=templates.lines_through(names[stop]),
            answer=len(lines_at[stop]),
            station_1=names[stop],
            **sheet.columns,
        )


@per_map
def _by_lines(ground: Ground) -> list[list[str]]:
    groups: dict[int, list[str]] = {}
    for stop in ground.stations:
        groups.setdefault(len(ground.network.lines_at[stop]), []).append(stop)
    return list(groups.values())


def evenly(groups: Sequence[Sequence[T]], count: int, rng: Random, *, lazy: bool) -> list[T]:
    """Members of the groups by turns, in a random order; no group gives more than half, plus one.

    Where each group is an answer, none of them is worth saying blindly.
    """
    total = sum(map(len, groups))
    turns = [
        (Deck(group, rng, lazy=lazy, from_front=True), total - len(group) + 1) for group in groups
    ]
    drawn: list[T] = []
    taken = 0
    while turns and len(drawn) < count:
        turns = [(deck, most) for deck, most in turns if deck.left and taken < most]
        drawn += [deck.draw() for deck, _ in turns]
        taken += 1
    del drawn[count:]
    shuffle(drawn, rng)
    return drawn


def lines_in_total(sheet: Sheet, count: int, seed: int) -> Iterator[Question]:
    """Counting3: the number of lines; one question a map, since there is only one to ask."""
    del seed
    for number, _ in zip(sheet.ids("Counting3"), range(min(count, 1)), strict=False):
        yield Question(
            id=number,
            type="Counting3",
            question=templates.lines_in_total(),
            answer=len(sheet.network.lines),
            **sheet.columns,
        )
