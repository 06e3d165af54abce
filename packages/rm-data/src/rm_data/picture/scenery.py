"""What lies under a map: rivers, parks and fare zones, drawn pale beneath the lines."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from rm_data.layout import Layout, Point
from rm_rewards import RecordError

SceneryKind: TypeAlias = Literal["water", "park", "zone"]
KINDS: Final[tuple[SceneryKind, ...]] = ("zone", "park", "water")
"""In drawing order."""
_FARTHEST: Final = 1e7


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenery:
    """A patch or a band of one kind, in units of the layout's grid.

    Attributes:
        points: Of the polygon, or of the middle of the band.
        width: Of a band; 0 for a polygon.
    """

    kind: SceneryKind
    points: tuple[Point, ...]
    width: float = 0.0

    def __post_init__(self) -> None:
        for value in (self.width, *(value for point in self.points for value in point)):
            if not abs(value) < _FARTHEST:  # also: not a number
                raise RecordError("points", value, f"numbers below {_FARTHEST:g}")


def scenery_for(
    layout: Layout, seed: int, kinds: Sequence[SceneryKind] = KINDS
) -> tuple[Scenery, ...]:
    """Scenery for a map, drawn from the seed: a river, a few parks, rings of zones."""
    if not layout.positions:
        return ()
    xs = [x for x, _ in layout.positions.values()]
    ys = [y for _, y in layout.positions.values()]
    left, top, right, bottom = min(xs), min(ys), max(xs), max(ys)
    span = max(right - left, bottom - top, 1.0)
    rng = random.Random(f"scenery:{seed}")
    frame = (left, top, right, bottom)
    made: list[Scenery] = []
    if "zone" in kinds:
        made += _zones(rng, frame, span)
    if "park" in kinds:
        made += [_park(rng, frame, span) for _ in range(rng.randint(2, 5))]
    if "water" in kinds:
        made.append(_river(rng, frame, span))
    return tuple(made)


_Frame: TypeAlias = tuple[float, float, float, float]
_OCTAGON: Final = (
    (1.0, 0.4142), (0.4142, 1.0), (-0.4142, 1.0), (-1.0, 0.4142),
    (-1.0, -0.4142), (-0.4142, -1.0), (0.4142, -1.0), (1.0, -0.4142),
)  # fmt: skip


def _zones(rng: random.Random, frame: _Frame, span: float) -> list[Scenery]:
    """Octagons about the middle, the largest first; every second one in the colour of zones."""
    left, top, right, bottom = frame
    x = (left + right) / 2 + rng.uniform(-0.08, 0.08) * span
    y = (top + bottom) / 2 + rng.uniform(-0.08, 0.08) * span
    radii = [span * share for share in (0.62, 0.42, 0.22)]
    return [
        Scenery(
            kind="zone", points=tuple((x + dx * radius, y + dy * radius) for dx, dy in _OCTAGON)
        )
        for radius in radii
    ]


def _park(rng: random.Random, frame: _Frame, span: float) -> Scenery:
    left, top, right, bottom = frame
    x, y = rng.uniform(left, right), rng.uniform(top, bottom)
    wide, tall = rng.uniform(0.05, 0.11) * span, rng.uniform(0.04, 0.09) * span
    return Scenery(kind="park", points=tuple((x + dx * wide, y + dy * tall) for dx, dy in _OCTAGON))


def _river(rng: random.Random, frame: _Frame, span: float) -> Scenery:
    """A band from one side of the map to the other and far beyond, octilinear like the lines."""
    left, top, right, bottom = frame
    upright = rng.random() < 0.5
    low, high, across = (top, bottom, left) if upright else (left, right, top)
    reach = (right - left) if upright else (bottom - top)
    at = across + rng.uniform(0.2, 0.8) * reach
    along = low - 0.3 * span
    points = [(along - 3 * span, at), (along, at)]
    while along < high + 0.3 * span:
        step = rng.uniform(0.12, 0.3) * span
        points.append((along + step, at))
        along += step
        bend = rng.uniform(0.05, 0.15) * span
        at += bend if at < across + 0.5 * reach else -bend
        along += bend
        points.append((along, at))
    points.append((along + 3 * span, at))
    return Scenery(
        kind="water",
        points=tuple((y, x) if upright else (x, y) for x, y in points),
        width=rng.uniform(0.03, 0.055) * span,
    )
