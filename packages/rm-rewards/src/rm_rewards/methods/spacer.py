"""SpaceR (SG-RLVR): a drawn map beside the answer, scored object by object; and MRA for numbers.

Source: arXiv 2504.01805 and its published code [C].

    near(p, t) = max(0, 1 - distance / (10 * sqrt 2)) on a grid of 10 x 10
    a class: sum of near over its greedy nearest pairs / max(predicted, true)
    map score: the mean of the classes, weighted by their true numbers
    MRA = share of theta in {.50, .55, ..., .95} with |p - t| / |t| <= 1 - theta
    total: a right answer (choice: 1, number: MRA > 0.5) earns the map score more; 0 of it: total 0

Ranges: map score and MRA 0 to 1, total 0 to 2.

Faults of the published map score: everything at (5, 5) earns 0.68 where an honest partial map
earns 0.55, classes that are not there are free, and a drawn map can zero a right answer that
needed none. Repaired: `map_score` counts from a baseline for each object, the better of a blind
guess at the middle of the grid and the mean over all cells, so that only positions nearer than a
guess earn; what is not there is counted among the predicted; `total` never falls by drawing.
MRA's published form has the edges of floating point (8 for 10 is 0.6); the repaired one allows
for them (0.7).

Blind to: which object of a class is which; walls, lines and everything but positions. The order
of stations on a line is compared by `station_order`, which no direction or scale changes.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations, product
from math import dist, sqrt
from typing import Final, TypeAlias, cast

from rm_rewards.methods.inputs import finite, within
from rm_rewards.methods.tagged_json import json_in, numbers
from rm_rewards.records import RecordError

Point: TypeAlias = tuple[float, float]
Drawn: TypeAlias = Mapping[str, Sequence[Point]]
"""Class -> the positions of its objects, on a grid from 0 to 9."""

_DIAGONAL: Final = 10 * sqrt(2)
_CELLS: Final = tuple((float(x), float(y)) for x, y in product(range(10), repeat=2))
_MIDDLE: Final = ((4.0, 4.0), (4.0, 5.0), (5.0, 4.0), (5.0, 5.0), (4.5, 4.5))
_THETAS: Final = tuple(0.5 + i * ((0.95 - 0.5) / 9) for i in range(10))
_EDGE: Final = 1e-9
_MOST_OBJECTS: Final = 256


def near(p: Point, t: Point) -> float:
    """1 for the same place, less with the distance, 0 from a diagonal on."""
    return max(0.0, 1.0 - dist(p, t) / _DIAGONAL)


def drawn_map(reply: str, *, published: bool = False) -> Drawn | None:
    """The map that a reply draws in `<map>{"class": [[x, y], ...]}</map>`; None if it draws none.

    Entries that are not two numbers are left out. No text makes it raise.

    Args:
        reply: The whole reply.
        published: Cut the decimals off, as the published code does.

    Example:
        >>> drawn_map('<map>{"chair": [[9, 3.5], [1, 1]]}</map> So it is A.')
        {'chair': ((9.0, 3.5), (1.0, 1.0))}
    """
    found = json_in(reply, "map")
    if not isinstance(found, dict):
        return None
    drawn: dict[str, tuple[Point, ...]] = {}
    for name, places in cast("dict[str, object]", found).items():
        listed = cast("list[object]", places) if isinstance(places, list) else []
        read = [point for place in listed if (point := numbers(place, 2)) is not None]
        drawn[name] = tuple(
            (float(int(x)), float(int(y))) if published else (x, y) for x, y in read
        )
    return drawn


def published_map_score(predicted: Drawn, true: Drawn) -> float:
    """The published score, in [0, 1].

    Raises:
        RecordError: For a truth without objects, or a place that is not finite.
    """
    weight = _objects(predicted, true)
    return (
        sum(len(truths) * _paired(predicted.get(name, ()), truths) for name, truths in true.items())
        / weight
    )


def map_score(predicted: Drawn, true: Drawn) -> float:
    """The repaired score, in [0, 1]: what is nearer to the truth than a blind guess.

    Raises:
        RecordError: For a truth without objects, or a place that is not finite.

    Example:
        >>> true = {"table": [(2, 3)], "chair": [(9, 3), (1, 1)]}
        >>> map_score(true, true), map_score({"table": [(5, 5)], "chair": [(5, 5), (5, 5)]}, true)
        (1.0, 0.0)
    """
    weight = _objects(predicted, true)
    ghosts = sum(len(places) for name, places in predicted.items() if name not in true)
    earned = sum(
        len(truths) * _paired(predicted.get(name, ()), truths, above=True)
        for name, truths in true.items()
    )
    return earned / (weight + ghosts)


def _objects(predicted: Drawn, true: Drawn) -> int:
    for field, drawn in (("predicted", predicted), ("true", true)):
        for places in drawn.values():
            finite(field, *(edge for place in places for edge in place))
    count = sum(map(len, true.values()))
    if not count:
        raise RecordError("true", dict(true), "a map with at least one object")
    return count


def _paired(places: Sequence[Point], truths: Sequence[Point], *, above: bool = False) -> float:
    """Greedy nearest pairs of one class; far more places than the grid has cells earn nothing."""
    size = max(len(places), len(truths))
    if not places or not truths or size > _MOST_OBJECTS:
        return 0.0
    pairs = sorted(
        (dist(p, t), p, t, i, j) for i, p in enumerate(places) for j, t in enumerate(truths)
    )  # equal distances go by place, so that the order of the lists does not matter
    used_i, used_j, earned = set[int](), set[int](), 0.0
    for *_, i, j in pairs:
        if i in used_i or j in used_j:
            continue
        used_i.add(i)
        used_j.add(j)
        found = near(places[i], truths[j])
        earned += _above(found, truths[j]) if above else found
    return earned / size


def _above(found: float, truth: Point) -> float:
    guess = max(near(middle, truth) for middle in _MIDDLE)
    chance = sum(near(cell, truth) for cell in _CELLS) / len(_CELLS)
    base = max(guess, chance)
    if found >= 1.0:
        return 1.0
    return max(0.0, (found - base) / (1.0 - base)) if base < 1.0 else 0.0


def mra(predicted: float, true: float, *, published: bool = False) -> float:
    """Mean relative accuracy: the share of ten thresholds that the relative error keeps to.

    A truth of 0 is met by 0 alone. A prediction that is not finite has 0.

    Args:
        predicted: What the reply says.
        true: The right number.
        published: Without allowance for the rounding of the thresholds.

    Raises:
        RecordError: For a true number that is not finite.

    Example:
        >>> mra(8, 10), mra(8, 10, published=True), mra(9, 10, published=True)
        (0.7, 0.6, 0.9)
    """
    finite("true", true)
    if true == 0.0:
        return float(predicted == 0.0)
    error = abs(predicted - true) / abs(true)
    slack = 0.0 if published else _EDGE
    return sum(error <= 1.0 - theta + slack for theta in _THETAS) / len(_THETAS)


def total(
    answer: float, drawn: float | None, *, numeric: bool = False, published: bool = False
) -> float:
    """The answer's score and the map's, in [0, 2].

    Args:
        answer: In [0, 1]: exact match of a choice, or the MRA of a number.
        drawn: The map's score; None for a reply that draws none.
        numeric: Whether more than 0.5 counts as right, rather than 1 alone.
        published: Zero a right answer whose map has a score of 0.

    Raises:
        RecordError: For a score outside [0, 1].
    """
    within("answer", 0.0, 1.0, answer)
    within("drawn", 0.0, 1.0, drawn or 0.0)
    right = answer > 0.5 if numeric else answer == 1.0
    if not right or drawn is None:
        return answer
    return 0.0 if published and drawn == 0.0 else answer + drawn


def station_order(predicted: Sequence[Hashable], true: Sequence[Hashable]) -> float:
    """How well the order of stations along a line is told, in [0, 1]; either direction counts.

    Pairs of true stations in the right order, less those in the wrong one, over all pairs, and over
    the stations named if more than there are. A random order has 0 on average if its sign is
    kept; as either direction counts here, it keeps a little, less the longer the line is.

    Raises:
        RecordError: For a line of fewer than two stations, or one that repeats a station.

    Example:
        >>> station_order("abcd", "abcd"), station_order("dcba", "abcd"), station_order("a", "abcd")
        (1.0, 1.0, 0.0)
    """
    if len(true) < 2 or len(set(true)) != len(true):
        raise RecordError("true", list(true), "at least two stations, each of them once")
    if len(predicted) > len(true) + _MOST_OBJECTS:
        return 0.0
    places = {station: i for i, station in enumerate(true)}
    seen = [places[s] for s in dict.fromkeys(predicted) if s in places]
    signed = sum(1 if a < b else -1 for a, b in combinations(seen, 2))
    pairs = len(true) * (len(true) - 1) / 2
    return abs(signed) / pairs * min(1.0, len(true) / max(1, len(predicted)))
