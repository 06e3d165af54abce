"""The machine's check of a picture: what overlaps, and what stands nearer to a stranger.

It reads the finished display list and the label boxes of its truth, not the placement that made
them. The rules, without any allowance for halos or knock-outs, since there are none:

- the box of a name or badge (the ink of its rows, and `PAD` of the text at either end) overlaps no
  other name or badge, no line at its full width, and no marker, its own included;
- it lies wholly inside the picture;
- it is nearer to its own marker than to any other by at least `CLEARLY` heights of the text;
- no two markers overlap, and no line runs under the marker of a station that it does not serve.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from rm_data.picture.overlap import (
    Ints,
    Pieces,
    close,
    crossed,
    distances,
    extents,
    meet,
    pill_extents,
)
from rm_data.picture.reading import Markers, Writing, line_pieces, markers_of, writing_of
from rm_data.picture.segments import apart
from rm_data.picture.shapes import Conflict, ConflictKind, Scene

CLEARLY: Final = 0.1


def conflicts(scene: Scene) -> tuple[Conflict, ...]:
    """Everything that breaks a rule, sorted; empty for a map that is legible throughout."""
    around = markers_of(scene)
    writing = writing_of(scene, around)
    lines, names = line_pieces(scene)
    size = next((label.text_px for label in scene.truth.labels.values()), 1.0)
    found = {
        *_among_writing(writing),
        *_on_lines(writing, lines, names),
        *_at_markers(writing, around, size),
        *_at_edges(writing, scene),
        *_between_markers(around),
        *_lines_at_strangers(scene, around, lines, names),
    }
    return tuple(sorted(found, key=lambda one: (one.kind, one.who, one.other)))


def _kind(writing: Writing, at: int | np.intp, what: str) -> ConflictKind:
    return _KINDS["badge" if writing.badge[at] else "label", what]


_KINDS: Final[dict[tuple[str, str], ConflictKind]] = {
    ("label", "label"): "label-label",
    ("label", "badge"): "label-badge",
    ("badge", "badge"): "badge-badge",
    ("label", "line"): "label-line",
    ("badge", "line"): "badge-line",
    ("label", "marker"): "label-marker",
    ("badge", "marker"): "badge-marker",
    ("label", "nearest"): "label-nearest",
    ("badge", "nearest"): "badge-nearest",
    ("label", "edge"): "label-edge",
    ("badge", "edge"): "badge-edge",
}


def _listed(one: Ints, two: Ints) -> list[tuple[int, int]]:
    return list(zip(map(int, one), map(int, two), strict=True))


def _among_writing(writing: Writing) -> Iterator[Conflict]:
    hulls = extents(writing.boxes)
    one, two = close(hulls, hulls)
    one, two = one[one < two], two[one < two]
    hit = meet(hulls[one], hulls[two])
    for i, j in _listed(one[hit], two[hit]):
        what = "badge" if writing.badge[j] else "label"
        yield Conflict(kind=_kind(writing, i, what), who=writing.who[i], other=writing.who[j])


def _on_lines(writing: Writing, lines: Pieces, names: list[str]) -> Iterator[Conflict]:
    hulls = extents(writing.boxes)
    which, piece = close(hulls, lines.extents)
    hit = crossed(writing.boxes, hulls, which, lines, piece)
    for i, j in _listed(which[hit], piece[hit]):
        yield Conflict(kind=_kind(writing, i, "line"), who=writing.who[i], other=names[j])


def _at_markers(writing: Writing, around: Markers, size: float) -> Iterator[Conflict]:
    own = np.array(writing.own, dtype=np.int64)
    hulls = extents(writing.boxes)
    to_own = distances(writing.boxes, around.a[own], around.b[own]) - around.radius[own]
    room = float(to_own.max(initial=0.0)) + CLEARLY * size
    which, marker = close(hulls, pill_extents(around.a, around.b, around.radius + abs(room)))
    boxes = writing.boxes.of(which)
    away = distances(boxes, around.a[marker], around.b[marker]) - around.radius[marker]
    square = around.square[marker]
    over = np.where(square, meet(hulls[which], around.hulls[marker]), away < 0)
    nearer = (marker != own[which]) & (away < to_own[which] + CLEARLY * size)
    for at in np.nonzero(over | nearer)[0]:
        i, stop = int(which[at]), around.stops[int(marker[at])]
        if over[at]:
            yield Conflict(kind=_kind(writing, i, "marker"), who=writing.who[i], other=stop)
        if nearer[at]:
            yield Conflict(kind=_kind(writing, i, "nearest"), who=writing.who[i], other=stop)


def _at_edges(writing: Writing, scene: Scene) -> Iterator[Conflict]:
    hulls = extents(writing.boxes)
    outside = (hulls[:, :2] < 0).any(axis=1)
    outside |= (hulls[:, 4:6] > (scene.width, scene.height)).any(axis=1)
    for at in np.nonzero(outside)[0]:
        yield Conflict(kind=_kind(writing, at, "edge"), who=writing.who[at], other="")


def _between_markers(around: Markers) -> Iterator[Conflict]:
    one, two = close(around.hulls, around.hulls)
    one, two = one[one < two], two[one < two]
    away = apart(around.a[one], around.b[one], around.a[two], around.b[two])
    hit = away < around.radius[one] + around.radius[two]
    square = around.square[one] | around.square[two]
    hit &= ~square | meet(around.hulls[one], around.hulls[two])
    for i, j in _listed(one[hit], two[hit]):
        yield Conflict(kind="marker-marker", who=around.stops[i], other=around.stops[j])


def _lines_at_strangers(
    scene: Scene, around: Markers, lines: Pieces, names: list[str]
) -> Iterator[Conflict]:
    marker, piece = close(around.hulls, lines.extents)
    middle = np.stack([lines.x, lines.y], 1)[piece]
    reach = (np.stack([lines.ux, lines.uy], 1) * (lines.half - lines.width)[:, None])[piece]
    away = apart(around.a[marker], around.b[marker], middle - reach, middle + reach)
    hit = away < around.radius[marker] + lines.width[piece]
    square = around.square[marker]
    hit[square] = crossed(around.sides, around.hulls, marker[square], lines, piece[square])
    for i, j in _listed(marker[hit], piece[hit]):
        stop = around.stops[i]
        if names[j] not in scene.truth.stations[stop].lines:
            yield Conflict(kind="marker-line", who=stop, other=names[j])
