"""Planning: how to get from one station to another, with all the optimal routes as the truth."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final

import numpy as np

from rm_data import templates
from rm_data.difficulty import of_route, shares
from rm_data.routes import FAR, Ride, spelled
from rm_data.sheet import Report, Sheet, Shortfall
from rm_rewards import PLANNING, Difficulty, Question, Route

ANY_TRANSFERS: Final = (0, 1_000_000)


def plan(
    sheet: Sheet, count: int, seed: int, transfers: tuple[int, int], report: Report
) -> list[Question]:
    """Questions in the ratio easy : middle : hard = 20 : 15 : 5, as far as the map has such pairs.

    A missing part is reported, and not made up by the others: a map without a pair that needs two
    transfers gives no hard question. Pairs are left out if a connection that is not certain (a line
    in pieces, a station with two spellings) may give a route as good as the best one known.

    Args:
        sheet: The map.
        count: Questions wanted in all.
        seed: The seed.
        transfers: Fewest and most transfers allowed.
        report: Called for each difficulty that falls short.
    """
    rng = sheet.random(seed, PLANNING)
    low, high = transfers
    allowed: set[Difficulty] = {of_route(n) for n in range(low, min(high, low + 2) + 1)}
    drawn: list[tuple[str, str, tuple[Route, ...]]] = []
    for grade, wanted in shares(count, allowed).items():
        found = list(_draw(sheet, grade, wanted, transfers, rng))
        drawn.extend(found)
        if len(found) < wanted:
            city = sheet.columns["city"]
            report(
                Shortfall(
                    city=city, type=PLANNING, wanted=wanted, made=len(found), difficulty=grade
                )
            )
    numbered = zip(sheet.ids(PLANNING, len(drawn)), drawn, strict=True)
    return [_question(sheet, number, *pair) for number, pair in numbered]


def _draw(
    sheet: Sheet, grade: Difficulty, wanted: int, transfers: tuple[int, int], rng: Random
) -> Iterator[tuple[str, str, tuple[Route, ...]]]:
    """Pairs of that grade in a random order until there are enough."""
    pairs = _pairs(sheet, grade, transfers)
    left = len(pairs)
    while wanted and left:
        place = rng.randrange(left)
        left -= 1
        a, b = pairs[place]
        pairs[place] = pairs[left]
        start, end = (a, b) if rng.random() < 0.5 else (b, a)
        if found := certain_routes(sheet, start, end):
            wanted -= 1
            yield start, end, found


def _pairs(sheet: Sheet, grade: Difficulty, transfers: tuple[int, int]) -> list[tuple[str, str]]:
    low, high = transfers
    rides = sheet.table.rides
    askable = set(sheet.stations)
    ids = sheet.table.ids
    fits = (rides > low) & (rides <= high + 1) & (rides < FAR)
    graded = {"easy": rides == 1, "middle": rides == 2, "hard": rides > 2}[grade]
    rows, columns = np.nonzero(np.triu(fits & graded, k=1))
    pairs = [(ids[i], ids[j]) for i, j in zip(rows.tolist(), columns.tolist(), strict=True)]
    return [(a, b) for a, b in pairs if a in askable and b in askable]


def certain_routes(sheet: Sheet, start: str, end: str) -> tuple[Route, ...]:
    """All optimal routes, or none if an uncertain connection might give one as good."""
    ways = tuple(sheet.table.ways(start, end))
    if not all(_certain(sheet, ride) for way in ways for ride in way):
        return ()
    return tuple(legs for way in ways for legs in spelled(sheet.network, way))


def _certain(sheet: Sheet, ride: Ride) -> bool:
    return ride.known and ride.start not in sheet.alike and ride.end not in sheet.alike


def _question(
    sheet: Sheet, number: str, start: str, end: str, routes: tuple[Route, ...]
) -> Question:
    names = sheet.network.names
    transfers = len(routes[0]) - 1
    return Question(
        id=number,
        type=PLANNING,
        question=templates.route(names[start], names[end]),
        station_1=names[start],
        station_2=names[end],
        routes=routes,
        difficulty_question=of_route(transfers),
        question_transfer_count=transfers,
        **sheet.columns,
    )
