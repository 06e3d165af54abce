"""The sheet of paper that a plan is put on: its size in pixels, and where title and legend go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Final

import numpy as np

from rm_data.layout import Point
from rm_data.picture.fonts import measure
from rm_data.picture.furniture import (
    TITLE,
    TITLE_FACE,
    LegendPlan,
    corner_for,
    legend_plan,
    title_text,
)
from rm_data.picture.look import Look
from rm_data.picture.overlap import Boxes, Floats, extents, pill_extents
from rm_data.picture.plan import Plan
from rm_rewards import Network, RecordError

MOST_PIXELS: Final = 30_000
"""The longest side of a picture that a rasteriser is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """From the plan's units (heights of label text) to pixels, and the furniture's places there.

    Attributes:
        scale: Pixels per unit: the size of label text.
        origin: The point of the plan at the picture's top left corner.
        width, height: In pixels.
        title: Where the base line of the title starts, in units of the plan; None without.
        legend: The legend and its top left corner, in units of the plan.
    """

    scale: float
    origin: Point
    width: int
    height: int
    title: Point | None
    legend: tuple[LegendPlan, Point] | None

    def at(self, point: Point) -> Point:
        """A point of the plan in pixels."""
        return (
            round((point[0] - self.origin[0]) * self.scale, 2),
            round((point[1] - self.origin[1]) * self.scale, 2),
        )

    def paths(self, lines: Iterable[Iterable[Point]]) -> tuple[tuple[Point, ...], ...]:
        """Lines of the plan in pixels."""
        return tuple(tuple(self.at(point) for point in line) for line in lines)

    def long(self, length: float) -> float:
        """A length of the plan in pixels."""
        return round(length * self.scale, 2)

    def bounds(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """An upright box of the plan in pixels."""
        left, top = self.at((box[0], box[1]))
        right, bottom = self.at((box[2], box[3]))
        return (left, top, right, bottom)


def page_of(plan: Plan, network: Network, look: Look, *, size: int | None) -> Page:
    """The smallest page that holds everything.

    Args:
        plan: What is on it.
        network: Whose title and legend.
        look: Which of them.
        size: Pixels of the longer side; None for labels of `look.text_px`.

    Raises:
        RecordError: If labels would be smaller than `look.min_text_px`, or the picture too large.
    """
    things = _hulls(plan, look)
    left, top = float(things[:, 0].min()), float(things[:, 1].min())
    right, bottom = float(things[:, 2].max()), float(things[:, 3].max())
    title: Point | None = None
    frame = (left, top, right, bottom)
    if look.title:
        title = (left, top - 0.8)
        top -= 0.8 + TITLE
        right = max(right, left + TITLE * measure(title_text(network), TITLE_FACE).width)
    legend = _legend(network, look, frame, things)
    if legend is not None:
        right = max(right, legend[1][0] + legend[0].width)
        bottom = max(bottom, legend[1][1] + legend[0].height)
    origin = (left - look.margin, top - look.margin)
    wide, tall = right + look.margin - origin[0], bottom + look.margin - origin[1]
    scale = look.text_px if size is None else size / max(wide, tall)
    _check(scale, max(wide, tall), look)
    return Page(
        scale=scale,
        origin=origin,
        width=min(ceil(wide * scale), size or MOST_PIXELS),
        height=min(ceil(tall * scale), size or MOST_PIXELS),
        title=title,
        legend=legend,
    )


def _check(scale: float, longer: float, look: Look) -> None:
    if scale < look.min_text_px:
        raise RecordError(
            "size",
            round(scale * longer),
            f"at least {ceil(look.min_text_px * longer)} pixels: labels would be {scale:.1f} "
            f"pixels high, and min_text_px is {look.min_text_px:g}",
        )
    if scale * longer > MOST_PIXELS:
        raise RecordError("size", round(scale * longer), f"at most {MOST_PIXELS} pixels a side")


def _legend(
    network: Network, look: Look, frame: tuple[float, float, float, float], things: Floats
) -> tuple[LegendPlan, Point] | None:
    if look.legend == "none" or not network.lines:
        return None
    left, top, right, bottom = frame
    if look.legend == "right":
        return legend_plan(network, look, room=0.0), (right + 1.5, top)
    if look.legend == "corner":
        plan = legend_plan(network, look, room=0.0)
        corner = corner_for(plan, frame, things.tolist())
        if corner is not None:
            return plan, corner
    return legend_plan(network, look, room=right - left), (left, bottom + 1.0)


def _hulls(plan: Plan, look: Look) -> Floats:
    """Left, top, right, bottom of everything on the map."""
    half = look.line_width / 2
    ends = [
        (*a, *b)
        for paths in plan.drawn.polylines.values()
        for path in paths
        for a, b in pairwise(path)
    ]
    lines = np.array(ends).reshape(len(ends), 2, 2)
    a, b = np.array([m.a for m in plan.markers]), np.array([m.b for m in plan.markers])
    pills = pill_extents(a, b, np.array([m.radius for m in plan.markers]))
    spots = [*plan.names.values(), *(spot for _, spot in plan.badges)]
    boxes = extents(
        Boxes(
            x=np.array([s.x for s in spots]),
            y=np.array([s.y for s in spots]),
            along=np.array([s.along for s in spots]),
            across=np.array([s.across for s in spots]),
            turn=np.array([s.turn for s in spots], dtype=np.int64),
        )
    )
    upright = np.concatenate([pills, boxes])[:, [0, 1, 4, 5]]
    strokes = np.concatenate([lines.min(axis=1) - half, lines.max(axis=1) + half], axis=1)
    return np.concatenate([strokes, upright])
