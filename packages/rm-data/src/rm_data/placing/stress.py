"""Where stations lie if the distance on paper is the number of stops between them.

Stress majorisation (Gansner, Koren and North, 2004): each step puts every station where the others
would have it, on average; the sum of squared errors, weighted by 1 / distance squared, never grows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Places: TypeAlias = NDArray[np.float64]

Guide: TypeAlias = Mapping[str, tuple[float, float]]
"""Places that a layout shall resemble, by station id: x to the right, y down, in any unit."""

_STEPS: Final = 400


def hops(near: Mapping[str, Sequence[str]], stops: Sequence[str]) -> NDArray[np.float64]:
    """The number of stops between all pairs, by any line.

    Between parts that do not meet it is a little more than the largest of them.
    """
    index = {stop: i for i, stop in enumerate(stops)}
    found = np.full((len(stops), len(stops)), np.inf)
    for start in stops:
        row = found[index[start]]
        row[index[start]] = 0
        wave, count = [start], 0
        while wave:
            count += 1
            ahead: list[str] = []
            for stop in wave:
                for other in near[stop]:
                    if np.isinf(row[index[other]]):
                        row[index[other]] = count
                        ahead.append(other)
            wave = ahead
    reached = found[np.isfinite(found)]
    found[np.isinf(found)] = (reached.max(initial=1.0) if reached.size else 1.0) * 1.1
    return found


def stress_places(distances: NDArray[np.float64], seed: int) -> Places:
    """A place (x, y) for each row, at distances as near to `distances` as paper allows.

    It starts from the classical scaling, disturbed by the seed, and is turned so that it lies as
    wide as possible.
    """
    count = len(distances)
    if count == 1:
        return np.zeros((1, 2))
    rng = np.random.default_rng(seed)
    places = _classical(distances) + rng.normal(scale=0.3, size=(count, 2))
    weights = 1.0 / np.maximum(distances, 0.5) ** 2
    np.fill_diagonal(weights, 0.0)
    laplacian = np.diag(weights.sum(axis=1)) - weights
    inverse = np.linalg.pinv(laplacian)
    for _ in range(_STEPS):
        apart = np.linalg.norm(places[:, None] - places[None], axis=2)
        ratio = weights * distances / np.maximum(apart, 1e-6)
        pull = np.diag(ratio.sum(axis=1)) - ratio
        moved = inverse @ (pull @ places)
        if np.abs(moved - places).max() < 1e-3:
            break
        places = moved
    return _wide(places)


def _classical(distances: NDArray[np.float64]) -> Places:
    """Classical multidimensional scaling: the two strongest directions of the centred squares."""
    count = len(distances)
    centre = np.eye(count) - 1.0 / count
    values, vectors = np.linalg.eigh(-0.5 * centre @ distances**2 @ centre)
    return vectors[:, -2:][:, ::-1] * np.sqrt(np.maximum(values[-2:][::-1], 0.0))


def _wide(places: Places) -> Places:
    """Turned so that the longest direction lies flat; signs fixed, so that nothing is left open."""
    centred = places - places.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    turned = centred @ axes.T
    return turned * np.where(turned[0] < 0, -1.0, 1.0)


def octilinear_turn(places: Places, pairs: Sequence[tuple[int, int]]) -> Places:
    """The places, turned so that the pairs run as near to multiples of 45 degrees as they can.

    Of all turns by whole degrees up to 22.
    """
    a = np.array([i for i, _ in pairs], dtype=np.intp)
    b = np.array([j for _, j in pairs], dtype=np.intp)
    if not len(a):
        return places
    steps = places[b] - places[a]
    angles = np.arctan2(steps[:, 1], steps[:, 0])
    turns = np.deg2rad(np.arange(-22, 23))
    errors = [np.sum(1 - np.cos(8 * (angles + turn))) for turn in turns]
    best = turns[int(np.argmin(errors))]
    cos, sin = np.cos(best), np.sin(best)
    return places @ np.array([[cos, sin], [-sin, cos]])


def guided(guide: Guide, stops: Sequence[str], near: Mapping[str, Sequence[str]]) -> Places | None:
    """The places of a guide, such that two neighbours are one apart (the median of them).

    None if it has no place for some station, or all of them lie on one spot.
    """
    if any(stop not in guide for stop in stops):
        return None
    places = np.array([guide[stop] for stop in stops], dtype=np.float64)
    index = {stop: i for i, stop in enumerate(stops)}
    steps = [
        float(np.hypot(*(places[index[a]] - places[index[b]])))
        for a, around in near.items()
        for b in around
    ]
    step = float(np.median(steps)) if steps else 0.0
    return (places - places.mean(axis=0)) / step if step > 0 else None
