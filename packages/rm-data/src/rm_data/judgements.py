"""TorF1 and TorF2: is a station on a line, are two stations on one line."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from rm_data import templates
from rm_data.deck import Deck, below, shuffle, turned_up
from rm_data.grids import FAR
from rm_data.ground import Ground, per_map
from rm_data.sheet import Sheet
from rm_rewards import Question

_T = TypeVar("_T")
Pair: TypeAlias = tuple[str, str]
Numbers: TypeAlias = NDArray[np.int32]
Columns: TypeAlias = tuple[Numbers, Numbers]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """All pairs of stations, as two columns of places in `Ground.stations`.

    Attributes:
        yes: The pairs that share a line.
        yes_gaps: The stops between them, as the route with fewest transfers counts them.
        no: The pairs that share none, by such stops, in the order in which these come up.
        no_count: How many these are.
    """

    yes: Columns
    yes_gaps: Numbers
    no: Mapping[int, Columns]
    no_count: int


def same_line(sheet: Sheet, count: int, seed: int) -> Iterator[Question]:
    """TorF1, half yes and half no; each "no" pair is about as far apart as some "yes" pair."""
    rng = sheet.random(seed, "TorF1")
    pairs = _pairs(sheet.ground)
    total = len(pairs.yes_gaps)
    wanted_yes, wanted_no = balanced(count, total, pairs.no_count, rng)
    drawn_yes = rng.sample(range(total), wanted_yes)
    gaps = [int(pairs.yes_gaps[place]) for place in _cycled(drawn_yes or range(total), wanted_no)]
    positives = [(pairs.yes[0][place], pairs.yes[1][place]) for place in drawn_yes]
    negatives = _closest(pairs.no, gaps, rng, lazy=sheet.ground.lazy)
    drawn: list[tuple[tuple[np.int32, np.int32], int]] = [(pair, 1) for pair in positives]
    drawn += [(pair, 0) for pair in negatives]
    shuffle(drawn, rng)
    stations = sheet.stations
    for number, ((i, j), truth) in zip(sheet.ids("TorF1"), drawn, strict=False):
        yield _same_line(sheet, number, _either_way((stations[i], stations[j]), rng), truth)


def _same_line(sheet: Sheet, number: str, pair: Pair, truth: int) -> Question:
    names, lines_at = sheet.network.names, sheet.network.lines_at
    first, second = names[pair[0]], names[pair[1]]
    return Question(
        id=number,
        type="TorF1",
        question=templates.same_line(first, second),
        answer=truth,
        station_1=first,
        station_2=second,
        fine_grained_answer={first: lines_at[pair[0]], second: lines_at[pair[1]]},
        **sheet.columns,
    )


@per_map
def _pairs(ground: Ground) -> _Pairs:
    network, stations = ground.network, ground.stations
    lines = network.neighbours.values()
    serves = np.array(
        [[stop in near for near in lines] for stop in stations], dtype=np.int32
    ).reshape(len(stations), len(network.lines))
    shared = (serves @ serves.T) > 0
    place = {stop: i for i, stop in enumerate(ground.table.ids)}
    at = np.array([place[stop] for stop in stations], dtype=np.intp)
    stops = ground.table.stops[np.ix_(at, at)]
    gaps = np.where(stops >= FAR, len(stations), stops)
    upper = np.triu(np.ones_like(shared), k=1)
    yes, no = _columns(shared & upper), _columns(~shared & upper)
    return _Pairs(yes=yes, yes_gaps=gaps[yes], no=_by_gap(no, gaps[no]), no_count=len(no[0]))


def _columns(pairs: NDArray[np.bool_]) -> Columns:
    rows, columns = np.nonzero(pairs)
    return rows.astype(np.int32), columns.astype(np.int32)


def _by_gap(pairs: Columns, gaps: Numbers) -> dict[int, Columns]:
    order = np.argsort(gaps, kind="stable")
    kinds, first, counts = np.unique(gaps, return_index=True, return_counts=True)
    groups = np.split(order, np.cumsum(counts)[:-1])
    return {
        int(kinds[turn]): (pairs[0][groups[turn]], pairs[1][groups[turn]])
        for turn in np.argsort(first)
    }


def _closest(
    by_gap: Mapping[int, Columns], gaps: Sequence[int], rng: Random, *, lazy: bool
) -> list[tuple[np.int32, np.int32]]:
    """One pair for each gap, of that gap or the nearest left, so that distance tells nothing."""
    decks = {gap: Deck(range(len(pairs[0])), rng, lazy=lazy) for gap, pairs in by_gap.items()}
    open_gaps = sorted(decks)
    found: list[tuple[np.int32, np.int32]] = []
    for wanted in gaps:
        turn = _nearest(open_gaps, wanted)
        gap = open_gaps[turn]
        card = decks[gap].draw()
        found.append((by_gap[gap][0][card], by_gap[gap][1][card]))
        if not decks[gap].left:
            del open_gaps[turn]
    return found


def _nearest(ordered: Sequence[int], wanted: int) -> int:
    """The place of the number closest to `wanted`; of two that are as close, the smaller."""
    place = bisect_left(ordered, wanted)
    if place == len(ordered):
        return place - 1
    if place and wanted - ordered[place - 1] <= ordered[place] - wanted:
        return place - 1
    return place


def on_line(sheet: Sheet, count: int, seed: int) -> Iterator[Question]:
    """TorF2, half yes and half no; a line is asked about as often with "no" as with "yes".

    The stations of "no" are drawn from those near the line: the nearer half of the others.
    """
    rng = sheet.random(seed, "TorF2")
    network = sheet.network
    yes = _visits(sheet.ground)
    others = _off_line(sheet.ground)
    wanted_yes, wanted_no = balanced(count, len(yes), sum(map(len, others.values())), rng)
    positives = _spread(yes, wanted_yes, rng, lazy=sheet.ground.lazy)
    negatives = _others(others, [line for _, line in _cycled(positives or yes, wanted_no)], rng)
    drawn = [(visit, 1) for visit in positives] + [(visit, 0) for visit in negatives]
    shuffle(drawn, rng)
    for number, ((stop, line), truth) in zip(sheet.ids("TorF2"), drawn, strict=False):
        name = network.names[stop]
        yield Question(
            id=number,
            type="TorF2",
            question=templates.on_line(name, line),
            answer=truth,
            station_1=name,
            line=line,
            **sheet.columns,
        )


@per_map
def _visits(ground: Ground) -> list[Pair]:
    lines_at = ground.network.lines_at
    return [(stop, line) for stop in ground.stations for line in lines_at[stop]]


def _spread(visits: Sequence[Pair], count: int, rng: Random, *, lazy: bool) -> list[Pair]:
    """Draw visits so that the stations come up equally often, whether on one line or on many."""
    times: dict[str, int] = {}
    turns: list[list[Pair]] = [[]]
    for visit in turned_up(visits, rng, lazy=lazy):
        if len(turns[0]) == count:
            break
        turn = times[visit[0]] = times.get(visit[0], -1) + 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(visit)
    return [visit for turn in turns for visit in turn][:count]


@per_map
def _off_line(ground: Ground) -> dict[str, list[str]]:
    """For each line the stations that it does not serve, the nearest first."""
    served = ground.network.neighbours
    return {
        line: sorted((s for s in ground.stations if s not in served[line]), key=away.__getitem__)
        for line, away in ground.table.stops_to_lines().items()
    }


def _others(off_line: dict[str, list[str]], lines: Sequence[str], rng: Random) -> list[Pair]:
    left = {line: list(stations) for line, stations in off_line.items()} if lines else {}
    found: list[Pair] = []
    for line in lines:
        from_line = line if left[line] else max(left, key=lambda other: len(left[other]))
        stations = left[from_line]
        place = below(rng, max(1, len(stations) // 2))
        found.append((stations.pop(place), from_line))
    return found


def balanced(count: int, yes: int, no: int, rng: Random) -> tuple[int, int]:
    """How many of each; they differ by one at the most, and chance says which is more."""
    more_yes = rng.random() < 0.5
    up, down = (count + 1) // 2, count // 2
    wanted_yes, wanted_no = (up, down) if more_yes else (down, up)
    half = min(yes, no)
    return min(wanted_yes, half + 1, yes), min(wanted_no, half + 1, no)


def _cycled(items: Sequence[_T], count: int) -> list[_T]:
    return [items[i % len(items)] for i in range(count)] if items else []


def _either_way(pair: Pair, rng: Random) -> Pair:
    return pair if rng.random() < 0.5 else (pair[1], pair[0])
