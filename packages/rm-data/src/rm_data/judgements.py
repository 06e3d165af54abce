"""TorF1 and TorF2: is a station on a line, are two stations on one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from random import Random
from typing import TypeAlias, TypeVar

from rm_data import templates
from rm_data.sheet import Sheet
from rm_rewards import Question

_T = TypeVar("_T")
Pair: TypeAlias = tuple[str, str]


def same_line(sheet: Sheet, count: int, seed: int) -> list[Question]:
    """TorF1, half yes and half no; each "no" pair is about as far apart as some "yes" pair."""
    rng = sheet.random(seed, "TorF1")
    yes, no = _pairs(sheet)
    wanted_yes, wanted_no = _balanced(count, len(yes), len(no), rng)
    positives = rng.sample(yes, wanted_yes)
    gaps = [_gap(sheet, pair) for pair in _cycled(positives or yes, wanted_no)]
    negatives = _closest(sheet, no, gaps, rng)
    drawn = [(pair, 1) for pair in positives] + [(pair, 0) for pair in negatives]
    rng.shuffle(drawn)
    numbered = zip(sheet.ids("TorF1", len(drawn)), drawn, strict=True)
    return [
        _same_line(sheet, number, _either_way(pair, rng), truth)
        for number, (pair, truth) in numbered
    ]


def _same_line(sheet: Sheet, number: str, pair: Pair, truth: int) -> Question:
    names = sheet.network.names
    first, second = (names[stop] for stop in pair)
    return Question(
        id=number,
        type="TorF1",
        question=templates.same_line(first, second),
        answer=truth,
        station_1=first,
        station_2=second,
        fine_grained_answer={names[stop]: sheet.network.lines_at[stop] for stop in pair},
        **sheet.columns,
    )


def _pairs(sheet: Sheet) -> tuple[list[Pair], list[Pair]]:
    yes: list[Pair] = []
    no: list[Pair] = []
    served = {stop: frozenset(sheet.network.lines_at[stop]) for stop in sheet.stations}
    for a, b in combinations(sheet.stations, 2):
        (no if served[a].isdisjoint(served[b]) else yes).append((a, b))
    return yes, no


def _gap(sheet: Sheet, pair: Pair) -> int:
    found = sheet.table.between(*pair)
    return len(sheet.stations) if found is None else found[1]


def _closest(sheet: Sheet, pairs: Sequence[Pair], gaps: Iterable[int], rng: Random) -> list[Pair]:
    """One pair for each gap, of that gap or the nearest left, so that distance tells nothing."""
    by_gap: dict[int, list[Pair]] = {}
    for pair in pairs:
        by_gap.setdefault(_gap(sheet, pair), []).append(pair)
    for group in by_gap.values():
        rng.shuffle(group)
    found: list[Pair] = []
    for gap in gaps:
        nearest = min(by_gap, key=lambda other: (abs(other - gap), other))
        found.append(by_gap[nearest].pop())
        if not by_gap[nearest]:
            del by_gap[nearest]
    return found


def on_line(sheet: Sheet, count: int, seed: int) -> list[Question]:
    """TorF2, half yes and half no; a line is asked about as often with "no" as with "yes".

    The stations of "no" are drawn from those near the line: the nearer half of the others.
    """
    rng = sheet.random(seed, "TorF2")
    network = sheet.network
    yes = [(stop, line) for stop in sheet.stations for line in network.lines_at[stop]]
    no = _off_line(sheet)
    wanted_yes, wanted_no = _balanced(count, len(yes), sum(map(len, no.values())), rng)
    positives = _spread(yes, wanted_yes, rng)
    negatives = _others(no, [line for _, line in _cycled(positives or yes, wanted_no)], rng)
    drawn = [(visit, 1) for visit in positives] + [(visit, 0) for visit in negatives]
    rng.shuffle(drawn)
    return [
        Question(
            id=number,
            type="TorF2",
            question=templates.on_line(network.names[stop], line),
            answer=truth,
            station_1=network.names[stop],
            line=line,
            **sheet.columns,
        )
        for number, ((stop, line), truth) in zip(sheet.ids("TorF2", len(drawn)), drawn, strict=True)
    ]


def _spread(visits: Sequence[Pair], count: int, rng: Random) -> list[Pair]:
    """Draw visits so that the stations come up equally often, whether on one line or on many."""
    shuffled = rng.sample(visits, len(visits))
    times: dict[str, int] = {}
    turns: list[tuple[int, int]] = []
    for place, (stop, _) in enumerate(shuffled):
        turns.append((times.get(stop, 0), place))
        times[stop] = times.get(stop, 0) + 1
    return [shuffled[place] for _, place in sorted(turns)[:count]]


def _off_line(sheet: Sheet) -> dict[str, list[str]]:
    """For each line the stations that it does not serve, the nearest first."""
    served = sheet.network.neighbours
    return {
        line: sorted((s for s in sheet.stations if s not in served[line]), key=away.__getitem__)
        for line, away in sheet.table.stops_to_lines().items()
    }


def _others(left: dict[str, list[str]], lines: Iterable[str], rng: Random) -> list[Pair]:
    found: list[Pair] = []
    for line in lines:
        from_line = line if left[line] else max(left, key=lambda other: len(left[other]))
        near = left[from_line][: max(1, len(left[from_line]) // 2)]
        stop = rng.choice(near)
        left[from_line].remove(stop)
        found.append((stop, from_line))
    return found


def _balanced(count: int, yes: int, no: int, rng: Random) -> tuple[int, int]:
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
