"""Simulated annealing on the board: knots move, their stretches find new ways, cost goes down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp
from random import Random
from typing import Final

from rm_data.cities.grid import Cell, distance, leg
from rm_data.placing.board import Board, Way

_HOT: Final = 12.0
_COLD: Final = 0.15
_GROUP: Final = 0.35
"""Share of the moves that take along all that lies on one side of a stretch."""


@dataclass(frozen=True, slots=True)
class _Move:
    """Knots by their cells before, stretches by their ways before, and what has been gained."""

    cells: dict[str, Cell]
    ways: dict[int, Way]
    gained: float


def settle(board: Board, rng: Random, moves: int) -> None:
    """Make `moves` moves, the later the pickier; the board is left at the best cost met."""
    current = best = board.cost()
    kept = (dict(board.at), [*board.ways])
    sides = Sides(board)
    for turn in range(moves):
        share = turn / moves
        heat = _HOT * (_COLD / _HOT) ** share
        radius = max(1, round(4 * (1 - share)))
        move = _try(board, rng, sides, radius)
        if move is None:
            continue
        if move.gained >= 0 or rng.random() < exp(move.gained / heat):
            current -= move.gained
            if current < best - 1e-9:
                best, kept = current, (dict(board.at), [*board.ways])
        else:
            _undo(board, move)
    _restore(board, *kept)


def _restore(board: Board, at: dict[str, Cell], ways: list[Way]) -> None:
    board.lift(range(len(ways)))
    for knot, cell in at.items():
        board.move(knot, cell)
    for number, way in enumerate(ways):
        board.lay(number, way)


class Sides:
    """What hangs together on either side of a stretch whose loss would part the board."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._known: dict[tuple[str, int], frozenset[str] | None] = {}

    def of(self, knot: str, number: int) -> frozenset[str] | None:
        """The knots on `knot`'s side of its stretch; None if the other side is reached as well."""
        key = (knot, number)
        if key not in self._known:
            self._known[key] = self._side(knot, number)
        return self._known[key]

    def _side(self, knot: str, number: int) -> frozenset[str] | None:
        stretches = self._board.skeleton.stretches
        away = stretches[number].end if stretches[number].start == knot else stretches[number].start
        seen, wave = {knot}, [knot]
        while wave:
            here = wave.pop()
            for other in self._board.ends[here]:
                if other == number:
                    continue
                stretch = stretches[other]
                there = stretch.end if stretch.start == here else stretch.start
                if there not in seen:
                    seen.add(there)
                    wave.append(there)
        return None if away in seen else frozenset(seen)


def _try(board: Board, rng: Random, sides: Sides, radius: int) -> _Move | None:
    knot = rng.choice(board.skeleton.knots)
    group: frozenset[str] = frozenset([knot])
    if board.ends[knot] and rng.random() < _GROUP:
        group = sides.of(knot, rng.choice(board.ends[knot])) or group
    dx, dy = rng.randint(-radius, radius), rng.randint(-radius, radius)
    touched = list({n: None for k in sorted(group) for n in board.ends[k]})
    if not (dx or dy) and len(group) > 1:
        return None
    return _shifted(board, rng, group, touched, (dx, dy))


def _shifted(
    board: Board, rng: Random, group: frozenset[str], touched: Sequence[int], step: Cell
) -> _Move:
    """Shift the knots and lay their stretches anew."""
    stretches = board.skeleton.stretches
    border = {end for n in touched for end in (stretches[n].start, stretches[n].end)}
    knots = sorted(group | border)
    before = sum(board.cost_of_knot(knot) for knot in knots)
    ways = {number: board.ways[number] for number in touched}
    before += _lifted_cost(board, touched)
    cells = {knot: board.at[knot] for knot in sorted(group)}
    for knot, (x, y) in cells.items():
        board.move(knot, (x + step[0], y + step[1]))
    after = 0.0
    for number in touched:
        stretch = stretches[number]
        inside = stretch.start in group and stretch.end in group
        if inside and len(group) > 1:
            way: Way = [(x + step[0], y + step[1]) for x, y in ways[number]]
            cost = board.cost_of_way(number, way)
        else:
            way, cost = _best_way(board, rng, number)
        board.lay(number, way)
        after += cost
    after += sum(board.cost_of_knot(knot) for knot in knots)
    return _Move(cells, ways, before - after)


def _lifted_cost(board: Board, numbers: Sequence[int]) -> float:
    """Lift the stretches one by one; what each cost against those that still lay."""
    cost = 0.0
    for number in numbers:
        way = board.ways[number]
        board.lift([number])
        cost += board.cost_of_way(number, way)
    return cost


def _undo(board: Board, move: _Move) -> None:
    board.lift(move.ways)
    for knot, cell in move.cells.items():
        board.move(knot, cell)
    for number, way in move.ways.items():
        board.lay(number, way)


def _best_way(board: Board, rng: Random, number: int) -> tuple[Way, float]:
    """The cheapest of some ways between the ends of a lifted stretch, ends of lines included."""
    stretch = board.skeleton.stretches[number]
    start, end = board.at[stretch.start], board.at[stretch.end]
    best: tuple[Way, float] | None = None
    least = 0.0
    for way in _ways(start, end, stretch.needs, rng):
        cost = board.cost_of_way(number, way)
        board.lay(number, way)
        total = cost + board.cost_of_knot(stretch.start) + board.cost_of_knot(stretch.end)
        board.lift([number])
        if best is None or total < least:
            best, least = (way, cost), total
    assert best is not None
    return best


def _ways(start: Cell, end: Cell, needs: int, rng: Random) -> Iterator[Way]:
    if start == end:
        yield [start]
        return
    seen: set[tuple[Cell, ...]] = set()
    for straight_first in (True, False):
        for share in (0.0, 1.0, 0.5):
            way = leg(start, end, straight_first=straight_first, share=share)
            if tuple(way) not in seen:
                seen.add(tuple(way))
                yield way
    spare = needs - distance(start, end)
    for _ in range(2 if spare > 0 else 1):
        reach = max(1, spare)
        between = (
            (start[0] + end[0]) // 2 + rng.randint(-reach, reach),
            (start[1] + end[1]) // 2 + rng.randint(-reach, reach),
        )
        if between in (start, end):
            continue
        first = rng.random() < 0.5
        one = leg(start, between, straight_first=first, share=0.0)
        other = leg(between, end, straight_first=not first, share=0.0)
        way = [*one, *other[1:]]
        if len(set(way)) == len(way) and tuple(way) not in seen:
            yield way
