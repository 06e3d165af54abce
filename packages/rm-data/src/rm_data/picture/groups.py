"""The display list of a planned map, group by group, from the bottom up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rm_data.layout import Point
from rm_data.picture.colours import line_colours, readable_on
from rm_data.picture.fonts import CAPITAL, Row, measure
from rm_data.picture.furniture import ENTRY, SWATCH, TITLE, TITLE_FACE, title_text
from rm_data.picture.labels import BADGE_FACE, LEADING, PAD
from rm_data.picture.look import Look
from rm_data.picture.markers import TICK_WIDTH, Marker
from rm_data.picture.overlap import ROOT
from rm_data.picture.page import Page
from rm_data.picture.placement import Placed
from rm_data.picture.plan import Plan
from rm_data.picture.scenery import KINDS, Scenery
from rm_data.picture.shapes import Area, Box, Group, Pill, Shape, Stroke, Text
from rm_rewards import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """All that is known about a picture before its shapes are made; `paths` of lines in pixels."""

    network: Network
    look: Look
    plan: Plan
    page: Page
    paths: Mapping[str, tuple[tuple[Point, ...], ...]]
    scenery: tuple[Scenery, ...] = ()


def all_groups(draft: Draft) -> tuple[Group, ...]:
    """In drawing order."""
    return (
        *_scenery(draft),
        *_lines(draft),
        *_stations(draft),
        *_names(draft),
        *_badges(draft),
        *_legend(draft),
        *_title(draft),
    )


def _scenery(draft: Draft) -> Iterator[Group]:
    look, page = draft.look, draft.page
    colours = {"water": look.water, "park": look.park, "zone": look.zone}
    shapes: list[Shape] = []
    zones = 0
    for kind in KINDS:
        for patch in (patch for patch in draft.scenery if patch.kind == kind):
            points = tuple(page.at((x / look.text, y / look.text)) for x, y in patch.points)
            colour = colours[kind]
            if kind == "zone":
                colour = look.background if zones % 2 else colour
                zones += 1
            if patch.width:
                width = page.long(patch.width / look.text)
                shapes.append(Stroke(points=points, width=width, colour=colour))
            else:
                shapes.append(Area(points=points, colour=colour))
    if shapes:
        yield Group(kind="scenery", shapes=tuple(shapes))


def _lines(draft: Draft) -> Iterator[Group]:
    look, page, network = draft.look, draft.page, draft.network
    casing = min(look.casing, look.gap) if draft.plan.drawn.shared else look.casing
    for name, colour in line_colours(network).items():
        width = page.long(look.line_width)
        strokes = [Stroke(points=path, width=width, colour=colour) for path in draft.paths[name]]
        rims = [
            Stroke(
                points=stroke.points,
                width=page.long(look.line_width + 2 * casing),
                colour=look.background,
            )
            for stroke in strokes
            if casing
        ]
        yield Group(kind="line", key=name, title=name, shapes=(*rims, *strokes))


def _stations(draft: Draft) -> Iterator[Group]:
    colours = line_colours(draft.network)
    for marker in draft.plan.markers:
        lines = draft.network.lines_at[marker.stop]
        name = draft.network.names[marker.stop]
        colour = colours[lines[0]] if lines else draft.look.ink
        title = f"{name} ({', '.join(lines)})" if lines else name
        shape = marker_shape(draft, marker, colour)
        yield Group(kind="station", key=marker.stop, title=title, shapes=(shape,))


def marker_shape(draft: Draft, marker: Marker, colour: str) -> Shape:
    """The shape of a marker in pixels; `colour` is that of its line."""
    look, page = draft.look, draft.page
    if marker.tick is not None:
        a, b = tick_ends(marker, draft.plan.names[marker.stop])
        return Stroke(
            points=(page.at(a), page.at(b)), width=page.long(TICK_WIDTH), colour=look.rim or colour
        )
    rim = look.ink if marker.shared else (look.rim or colour)
    fill, rim_width = look.marker_fill, page.long(0.16 if marker.shared else 0.13)
    if look.marker == "dot" and not marker.shared:
        fill, rim, rim_width = look.ink, "", 0.0
    radius = page.long(marker.radius)
    if not marker.square:
        return Pill(
            a=page.at(marker.a),
            b=page.at(marker.b),
            radius=radius,
            fill=fill,
            rim=rim,
            rim_width=rim_width,
        )
    x, y = page.at(marker.centre)
    return Box(
        bounds=(
            round(x - radius, 2),
            round(y - radius, 2),
            round(x + radius, 2),
            round(y + radius, 2),
        ),
        fill=fill,
        radius=page.long(0.1),
        rim=rim,
        rim_width=rim_width,
    )


def tick_ends(marker: Marker, name: Placed) -> tuple[Point, Point]:
    """From the middle of the line to the end of the tick on the side of the name.

    At the end of a line from one side to the other: a bar that closes it.
    """
    if marker.terminal:
        return (marker.a, marker.b)
    x, y = marker.centre
    across = marker.tick or (0.0, 0.0)
    to_name = (name.x - x) * across[0] + (name.y - y) * across[1]
    return ((x, y), marker.b if to_name >= 0 else marker.a)


def _names(draft: Draft) -> Iterator[Group]:
    for stop, spot in draft.plan.names.items():
        block = spot.site.block
        rows = [measure(row, draft.look.font) for row in block.rows]
        align = _alignment(spot, draft.plan.markers[spot.site.marker])
        shapes = tuple(
            _row(draft, spot, row, place, draft.look.ink, align=align)
            for place, row in enumerate(rows)
        )
        yield Group(kind="label", key=stop, title="", shapes=shapes)


_ANGLES = (0, -45, 45)


def _row(draft: Draft, spot: Placed, row: Row, place: int, colour: str, *, align: float) -> Text:
    """One row of a name or badge, within its box; `align` is 0 at the left and 1 at the right."""
    block = spot.site.block
    spare = 2 * spot.along - 2 * PAD - row.width
    start = -spot.along + PAD + spare * align
    middle = (block.up - block.down) / 2
    base = middle + CAPITAL / 2 + (place - (len(block.rows) - 1) / 2) * LEADING
    cos, sin = ((1.0, 0.0), (ROOT, -ROOT), (ROOT, ROOT))[spot.turn]
    at = (spot.x + start * cos - base * sin, spot.y + start * sin + base * cos)
    return _text(draft.page, row, at, colour, angle=_ANGLES[spot.turn])


def _alignment(spot: Placed, marker: Marker) -> float:
    """Rows of unequal width: 0 keeps them to the left, 1 to the right, on the marker's side."""
    x, _ = marker.centre
    if spot.turn == 0 and spot.x - spot.along > x - 0.3:
        return 0.0
    if spot.turn == 0 and spot.x + spot.along < x + 0.3:
        return 1.0
    return 0.5


def _text(
    page: Page, row: Row, start: Point, colour: str, *, size: float = 1.0, angle: int = 0
) -> Text:
    return Text(
        start=page.at(start),
        runs=row.runs,
        advances=tuple(page.long(size * advance) for advance in row.advances),
        size=page.long(size),
        colour=colour,
        angle=-45 if angle < 0 else 45 if angle > 0 else 0,
    )


def _badges(draft: Draft) -> Iterator[Group]:
    page = draft.page
    colours = line_colours(draft.network)
    for line, spot in draft.plan.badges:
        box = (spot.x - spot.along, spot.y - spot.across, spot.x + spot.along, spot.y + spot.across)
        ink = readable_on(colours[line])
        rows = [measure(row, BADGE_FACE) for row in spot.site.block.rows]
        shapes = (
            Box(bounds=page.bounds(box), fill=colours[line], radius=page.long(0.22)),
            *(_row(draft, spot, row, place, ink, align=0.5) for place, row in enumerate(rows)),
        )
        stop = draft.plan.markers[spot.site.marker].stop
        title = f"{line} at {draft.network.names[stop]}"
        yield Group(kind="badge", key=line, title=title, shapes=shapes)


def _legend(draft: Draft) -> Iterator[Group]:
    if draft.page.legend is None:
        return
    plan, (left, top) = draft.page.legend
    colours = line_colours(draft.network)
    shapes: list[Shape] = []
    for entry in plan.entries:
        x, y = left + entry.place[0], top + entry.place[1] + ENTRY / 2
        ends = (draft.page.at((x + 0.3, y)), draft.page.at((x + SWATCH - 0.5, y)))
        width = draft.page.long(max(draft.look.line_width, 0.4))
        shapes.append(Stroke(points=ends, width=width, colour=colours[entry.line]))
        row = measure(entry.line, draft.look.font)
        at = (x + SWATCH, y + CAPITAL / 2)
        shapes.append(_text(draft.page, row, at, draft.look.ink))
    yield Group(kind="legend", title="Legend", shapes=tuple(shapes))


def _title(draft: Draft) -> Iterator[Group]:
    if draft.page.title is None:
        return
    row = measure(title_text(draft.network), TITLE_FACE)
    text = _text(draft.page, row, draft.page.title, draft.look.ink, size=TITLE)
    yield Group(kind="title", shapes=(text,))
