"""What stands against each place for a name: lines in its way, markers too near."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from rm_data.picture.candidates import Candidates, Site
from rm_data.picture.markers import Marker
from rm_data.picture.overlap import (
    Boxes,
    Floats,
    Ints,
    close,
    crossed,
    distances,
    pieces,
    pill_extents,
)

LINE_ROOM: Final = 0.07
"""Between a name and a line, in heights of the text."""
MARKER_ROOM: Final = 0.1
NEARER: Final = 0.2
"""How much nearer a name is to its own marker than to any other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacles:
    """What names keep clear of: pieces of lines (ends and half widths) and markers.

    `between` is half the room between the ends of two names.
    """

    a: Floats
    b: Floats
    half_width: Floats
    markers: Sequence[Marker]
    between: float


def faults(sites: Sequence[Site], found: Candidates, hulls: Floats, obstacles: Obstacles) -> Ints:
    """How many lines and markers stand against each candidate."""
    middle = np.array([obstacles.markers[site.marker].centre for site in sites])[found.site]
    bunches = _bunched(found, hulls, middle)
    against = np.zeros(len(hulls), dtype=np.int64)
    _add_lines(against, found.boxes, hulls, bunches, obstacles)
    _add_markers(against, sites, found, bunches, obstacles.markers)
    return against


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bunches:
    """Candidates of a site that lie together, so that few obstacles are near all of them.

    Attributes:
        members: The candidates, bunch by bunch.
        first: Where each bunch begins among them, and the end of the last.
        reach: The extents of each bunch.
    """

    members: Ints
    first: Ints
    reach: Floats

    def against(self, bunch: Ints) -> tuple[Ints, Ints]:
        """The candidates of the bunches, and which place of `bunch` each is of."""
        which, pair = spread(self.first, bunch)
        return self.members[which], pair


def _bunched(found: Candidates, hulls: Floats, middle: Floats) -> _Bunches:
    right, left = hulls[:, 0] > middle[:, 0] - 0.5, hulls[:, 4] < middle[:, 0] + 0.5
    side = np.where(right, 0, np.where(left, 1, 2)) * 2 + (found.boxes.y > middle[:, 1])
    bunch = found.site * 6 + side
    members = np.argsort(bunch, kind="stable")
    starts = np.nonzero(np.diff(bunch[members], prepend=-1))[0]
    low = np.minimum.reduceat(hulls[members, :4], starts)
    high = np.maximum.reduceat(hulls[members, 4:], starts)
    return _Bunches(
        members=members,
        first=np.append(starts, len(members)),
        reach=np.concatenate([low, high], axis=1),
    )


def _add_lines(
    faults: Ints, boxes: Boxes, hulls: Floats, bunches: _Bunches, obstacles: Obstacles
) -> None:
    lines = pieces(obstacles.a, obstacles.b, obstacles.half_width + LINE_ROOM)
    near, piece = close(bunches.reach, lines.extents)
    which, pair = bunches.against(near)
    hit = crossed(boxes, hulls, which, lines, piece[pair])
    np.add.at(faults, which[hit], 1)


def _add_markers(
    faults: Ints,
    sites: Sequence[Site],
    found: Candidates,
    bunches: _Bunches,
    around: Sequence[Marker],
) -> None:
    a, b = np.array([m.a for m in around]), np.array([m.b for m in around])
    radius = np.array([m.reach for m in around])
    own = np.array([site.marker for site in sites])[found.site]
    to_own = distances(found.boxes, a[own], b[own]) - radius[own]
    faults += (to_own < MARKER_ROOM).astype(np.int64)
    room = np.maximum.reduceat(to_own[bunches.members], bunches.first[:-1]) + NEARER
    wide = bunches.reach + np.concatenate([-np.ones(4), np.ones(4)]) * room[:, None]
    near, marker = close(wide, pill_extents(a, b, radius))
    which, pair = bunches.against(near)
    other = marker[pair]
    strangers = (other != own[which]) & (faults[which] == 0)
    which, other = which[strangers], other[strangers]
    away = distances(found.boxes.of(which), a[other], b[other]) - radius[other]
    np.add.at(faults, which[away < to_own[which] + NEARER], 1)
    np.add.at(faults, which[away < MARKER_ROOM], 2)


def spread(first: Ints, chosen: Ints) -> tuple[Ints, Ints]:
    """The members of the chosen ranges [first[c], first[c + 1]), and which choice each is of."""
    sizes = first[chosen + 1] - first[chosen]
    pair = np.repeat(np.arange(len(chosen)), sizes)
    ends = np.cumsum(sizes)
    within = np.arange(len(pair)) - np.repeat(ends - sizes, sizes)
    return first[chosen][pair] + within, pair
