"""Planning: how to get from one station to another, with all the optimal routes as the truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random
from typing import Final, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from rm_data import templates
from rm_data.deck import Deck
from rm_data.difficulty import of_route, shares
from rm_data.grids import FAR
from rm_data.ground import LOOP_OPEN, Ground, ground_of, per_map
from rm_data.sheet import Report, Sheet, Shortfall
from rm_data.templates import RouteForm
from rm_data.tracing import Tracer, tracer_of
from rm_rewards import PLANNING, Difficulty, Question, RecordError, Route

ANY_TRANSFERS: Final = (0, 1_000_000)

PLANNING_FORMS: Final[dict[str, tuple[RouteForm, ...]]] = {
    "short": ("short",),
    "long": ("long",),
    "long-stops": ("long-stops",),
    "mixed": ("short", "long", "long-stops"),
    "both": ("long", "long-stops"),
}
"""What planning questions ask for, by the name of the option: one form, or one of some at random.
`both` asks each question twice, as published: in the short form and in one of the long ones."""

_Places: TypeAlias = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Trip:
    start: str
    end: str
    routes: tuple[Route, ...]


def planning_forms(name: str) -> tuple[RouteForm, ...]:
    """The forms behind a name.

    Raises:
        RecordError: For an unknown name.
    """
    if name not in PLANNING_FORMS:
        raise RecordError("planning", name, f"one of {', '.join(PLANNING_FORMS)}")
    return PLANNING_FORMS[name]


def plan(
    sheet: Sheet,
    count: int,
    seed: int,
    transfers: tuple[int, int],
    report: Report,
    form: str = "short",
) -> Iterator[Question]:
    """Questions in the ratio easy : middle : hard = 20 : 15 : 5, as far as the map has such pairs.

    A missing part is reported, and not made up by the others: a map without a pair that needs two
    transfers gives no hard question. Pairs are left out if a connection that is not certain (a line
    in pieces, a station with two spellings, a loop that is probably not closed in the file) may
    give a route as good as the best one known, or if that one rides a line of doubtful shape.

    Args:
        sheet: The map.
        count: Pairs of stations wanted in all.
        seed: The seed. The pairs do not depend on the form.
        transfers: Fewest and most transfers allowed.
        report: Called for each difficulty that falls short.
        form: A key of `PLANNING_FORMS`.
    """
    forms = planning_forms(form)
    drawn = _trips(sheet, count, sheet.random(seed, PLANNING), transfers, report)
    by_chance = sheet.random(seed, f"{PLANNING}/form")
    for number, trip in zip(sheet.ids(PLANNING), drawn, strict=False):
        if form == "both":
            yield _question(sheet, number, trip, "short")
            yield _question(sheet, f"{number}/long", trip, by_chance.choice(forms))
        else:
            chosen = forms[0] if len(forms) == 1 else by_chance.choice(forms)
            yield _question(sheet, number, trip, chosen)


def _trips(
    sheet: Sheet, count: int, rng: Random, transfers: tuple[int, int], report: Report
) -> Iterator[_Trip]:
    low, high = transfers
    allowed: set[Difficulty] = {of_route(n) for n in range(low, min(high, low + 2) + 1)}
    for grade, wanted in shares(count, allowed).items():
        made = 0
        for trip in _draw(sheet.ground, grade, wanted, transfers, rng):
            made += 1
            yield trip
        if made < wanted:
            city = sheet.columns["city"]
            report(Shortfall(city=city, type=PLANNING, wanted=wanted, made=made, difficulty=grade))


def _draw(
    ground: Ground, grade: Difficulty, wanted: int, transfers: tuple[int, int], rng: Random
) -> Iterator[_Trip]:
    """Pairs of that grade in a random order until there are enough."""
    rows, columns = _pairs(ground, grade, transfers)
    tracer, ids = _tracer(ground), ground.table.ids
    deck = Deck(range(len(rows)), rng, lazy=True)
    while wanted and deck.left:
        card = deck.draw()
        a, b = int(rows[card]), int(columns[card])
        start, end = (a, b) if rng.random() < 0.5 else (b, a)
        found = tracer.certain_routes(start, end)
        if found and (not ground.doubtful or _are_sure(ground, found)):
            wanted -= 1
            yield _Trip(ids[start], ids[end], found)


@per_map
def _tracer(ground: Ground) -> Tracer:
    """The routes of the map, with the loops closed that are probably open in the file."""
    if not ground.doubtful:
        return tracer_of(ground)
    lines = tuple(
        replace(line, loop=True) if ground.doubtful.get(line.name) == LOOP_OPEN else line
        for line in ground.network.lines
    )
    return tracer_of(ground_of(replace(ground.network, lines=lines)))


@per_map
def _doubtful_edges(ground: Ground) -> dict[str, frozenset[str] | None]:
    """By doubtful line the stations that its closing edge would join; None: all edges of it."""
    names = ground.network.names
    return {
        line.name: frozenset((names[line.paths[0][0]], names[line.paths[0][-1]]))
        if ground.doubtful[line.name] == LOOP_OPEN
        else None
        for line in ground.network.lines
        if line.name in ground.doubtful
    }


def _are_sure(ground: Ground, found: tuple[Route, ...]) -> bool:
    """Whether no route depends on what is doubtful about the shape of a line."""
    doubtful = _doubtful_edges(ground)
    for leg in (leg for route in found for leg in route if leg.route_name in doubtful):
        edge = doubtful[leg.route_name]
        stops = (leg.departure_stop, *leg.via_stops, leg.arrival_stop)
        if edge is None or (edge.issubset(stops) and _are_joined(stops, edge)):
            return False
    return True


def _are_joined(stops: Sequence[str], edge: frozenset[str]) -> bool:
    return any(edge.issuperset(pair) for pair in pairwise(stops))


def _pairs(
    ground: Ground, grade: Difficulty, transfers: tuple[int, int]
) -> tuple[_Places, _Places]:
    """The pairs of that grade as two columns of places in the table."""
    fewest, most = {"easy": (0, 0), "middle": (1, 1), "hard": (2, FAR)}[grade]
    low, high = max(fewest, transfers[0]), min(most, transfers[1])
    key = (_pairs, low, high)
    if key not in ground.kept:
        ground.kept[key] = _apart(ground, low, high)
    return cast("tuple[_Places, _Places]", ground.kept[key])


def _apart(ground: Ground, low: int, high: int) -> tuple[_Places, _Places]:
    """The pairs that need from `low` to `high` transfers."""
    table = ground.table
    askable = set(ground.stations)
    asked = np.array([stop in askable for stop in table.ids], dtype=np.bool_)
    fits = (table.rides > low) & (table.rides <= high + 1) & (table.rides < FAR)
    rows, columns = np.nonzero(np.triu(fits & asked[:, None] & asked[None, :], k=1))
    return rows.astype(np.int32), columns.astype(np.int32)


def _question(sheet: Sheet, number: str, trip: _Trip, form: RouteForm) -> Question:
    names = sheet.network.names
    transfers = len(trip.routes[0]) - 1
    start, end = names[trip.start], names[trip.end]
    return Question(
        id=number,
        type=PLANNING,
        question=templates.route(start, end, form),
        station_1=start,
        station_2=end,
        routes=trip.routes,
        difficulty_question=of_route(transfers),
        question_transfer_count=transfers,
        **sheet.columns,
    )
