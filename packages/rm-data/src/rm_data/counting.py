"""Counting1, Counting2 and Counting3: stops between stations, lines at a station, lines in all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Final, TypeAlias

from rm_data import templates
from rm_data.line_graph import shortest_ways, stops_from, without_choice
from rm_data.sheet import Sheet
from rm_rewards import Network, Question

_NEAR_MISS: Final = 4
Way: TypeAlias = tuple[str, ...]


def stops_between(sheet: Sheet, count: int, seed: int) -> list[Question]:
    """Counting1: pairs on one line with exactly one possible count, all counts equally often.

    Left out are pairs around a loop, pairs that two lines join by different ways, and pairs on
    pieces of a line whose connection is not known. The three wrong options lie within 4 of the
    right one, the letters of the right ones differ in number by one at the most, and the right
    number is as often the smallest as the largest, as far as no option is negative.
    """
    rng = sheet.random(seed, "Counting1")
    ways = _ways(sheet, count, rng)
    letters = _deck(len(ways), rng)
    made: list[Question] = []
    for number, (line, way), letter in zip(
        sheet.ids("Counting1", len(ways)), ways, letters, strict=True
    ):
        names = [sheet.network.names[stop] for stop in way]
        options = _options(len(way) - 2, letter, rng)
        made.append(
            Question(
                id=number,
                type="Counting1",
                question=templates.stops_between(names[0], names[-1], options),
                answer=letter,
                station_1=names[0],
                station_2=names[-1],
                line=line,
                options=options,
                fine_grained_answer=tuple(names[1:-1]),
                **sheet.columns,
            )
        )
    return made


def _ways(sheet: Sheet, count: int, rng: Random) -> list[tuple[str, Way]]:
    """Ways between pairs of stations, by turns from each number of stops."""
    forests = {line: without_choice(near) for line, near in sheet.network.neighbours.items()}
    by_gap = _by_gap(sheet, forests)
    for group in by_gap.values():
        rng.shuffle(group)
    gaps = sorted(by_gap)
    rng.shuffle(gaps)
    found: list[tuple[str, Way]] = []
    while gaps and len(found) < count:
        for gap in tuple(gaps):
            if len(found) < count:
                found.extend(_next_way(sheet.network, forests, by_gap[gap], rng))
            if not by_gap[gap]:
                gaps.remove(gap)
    return found


def _by_gap(
    sheet: Sheet, forests: Mapping[str, Mapping[str, frozenset[str]]]
) -> dict[int, list[tuple[str, str]]]:
    order = {stop: i for i, stop in enumerate(sheet.stations)}
    found: dict[int, dict[tuple[str, str], None]] = {}
    for near in forests.values():
        for start in sorted(near.keys() & order.keys(), key=order.__getitem__):
            for end, stops in stops_from(near, start).items():
                if order.get(end, -1) > order[start]:
                    found.setdefault(stops, {})[start, end] = None
    return {
        gap: sorted(pairs, key=lambda pair: (order[pair[0]], order[pair[1]]))
        for gap, pairs in found.items()
    }


def _next_way(
    network: Network,
    forests: Mapping[str, Mapping[str, frozenset[str]]],
    pairs: list[tuple[str, str]],
    rng: Random,
) -> Iterator[tuple[str, Way]]:
    """The next pair that has one way only, whichever line is taken; nothing if none is left."""
    while pairs:
        a, b = pairs.pop()
        start, end = (a, b) if rng.random() < 0.5 else (b, a)
        lines = [line for line in network.lines_at[start] if line in network.lines_at[end]]
        ways = {way for line in lines for way in _one_way(forests[line], start, end)}
        if len(ways) == 1 and () not in ways:
            yield lines[0], ways.pop()
            return


def _one_way(near: Mapping[str, frozenset[str]], start: str, end: str) -> tuple[Way, ...]:
    return shortest_ways(near, start, end) or ((),)


def _deck(count: int, rng: Random) -> list[int]:
    """The places 0 to 3 in a random order, each as often as the others, up to one."""
    first = rng.randrange(4)
    deck = [(first + i) % 4 for i in range(count)]
    rng.shuffle(deck)
    return deck


def _options(truth: int, letter: int, rng: Random) -> tuple[str, ...]:
    below = [truth - d for d in range(1, _NEAR_MISS + 1) if truth >= d]
    above = [truth + d for d in range(1, _NEAR_MISS + 1)]
    lower = min(rng.randrange(4), len(below))
    wrong = rng.sample(below, lower) + rng.sample(above, 3 - lower)
    rng.shuffle(wrong)
    wrong.insert(letter, truth)
    return tuple(map(str, wrong))


def lines_through(sheet: Sheet, count: int, seed: int) -> list[Question]:
    """Counting2: the answers come up by turns; no answer makes up more than half, plus one.

    Most stations of a map are on one line, and a reply "1" to every question would be right for
    nine out of ten stations drawn at random.
    """
    rng = sheet.random(seed, "Counting2")
    groups: dict[int, list[str]] = {}
    for stop in sheet.stations:
        groups.setdefault(len(sheet.network.lines_at[stop]), []).append(stop)
    for group in groups.values():
        rng.shuffle(group)
    drawn = _by_turns(_capped(list(groups.values())), count)
    rng.shuffle(drawn)
    names = sheet.network.names
    return [
        Question(
            id=number,
            type="Counting2",
            question=templates.lines_through(names[stop]),
            answer=len(sheet.network.lines_at[stop]),
            station_1=names[stop],
            **sheet.columns,
        )
        for number, stop in zip(sheet.ids("Counting2", len(drawn)), drawn, strict=True)
    ]


def _capped(groups: Sequence[list[str]]) -> list[list[str]]:
    total = sum(map(len, groups))
    return [group[: total - len(group) + 1] for group in groups]


def _by_turns(groups: Sequence[Sequence[str]], count: int) -> list[str]:
    rounds = max(map(len, groups), default=0)
    turns = [group[i] for i in range(rounds) for group in groups if i < len(group)]
    return turns[:count]


def lines_in_total(sheet: Sheet, count: int, seed: int) -> list[Question]:
    """Counting3: the number of lines; one question a map, since there is only one to ask."""
    del seed
    return [
        Question(
            id=number,
            type="Counting3",
            question=templates.lines_in_total(),
            answer=len(sheet.network.lines),
            **sheet.columns,
        )
        for number in sheet.ids("Counting3", min(count, 1))
    ]
