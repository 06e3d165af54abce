"""The truth of a picture, taken from the plan that it is drawn from."""

from __future__ import annotations

from rm_data.layout import Point
from rm_data.picture.colours import line_colours
from rm_data.picture.furniture import ENTRY
from rm_data.picture.groups import Draft, tick_ends
from rm_data.picture.markers import TICK_WIDTH, Marker
from rm_data.picture.overlap import ROOT
from rm_data.picture.placement import Placed
from rm_data.picture.truth import Bounds, LabelTruth, LineTruth, PixelTruth, StationTruth


def survey(draft: Draft) -> PixelTruth:
    """Where everything is, in pixels."""
    network, page = draft.network, draft.page
    return PixelTruth(
        city=network.city,
        width=page.width,
        height=page.height,
        stations={
            marker.stop: StationTruth(
                name=network.names[marker.stop],
                bounds=_around(draft, marker),
                centre=page.at(marker.centre),
                lines=network.lines_at[marker.stop],
            )
            for marker in draft.plan.markers
        },
        labels={stop: _label(draft, spot) for stop, spot in draft.plan.names.items()},
        lines={name: _line(draft, name, colour) for name, colour in line_colours(network).items()},
    )


def _around(draft: Draft, marker: Marker) -> Bounds:
    a, b, radius = marker.a, marker.b, marker.radius
    if marker.tick is not None:
        a, b = tick_ends(marker, draft.plan.names[marker.stop])
        radius = TICK_WIDTH / 2
    return draft.page.bounds(
        (
            min(a[0], b[0]) - radius,
            min(a[1], b[1]) - radius,
            max(a[0], b[0]) + radius,
            max(a[1], b[1]) + radius,
        )
    )


def _label(draft: Draft, spot: Placed) -> LabelTruth:
    corners = tuple(draft.page.at(corner) for corner in box_corners(spot))
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return LabelTruth(
        rows=spot.site.block.rows,
        corners=corners,
        bounds=(min(xs), min(ys), max(xs), max(ys)),
        text_px=draft.page.long(1.0),
    )


def box_corners(spot: Placed) -> tuple[Point, ...]:
    """The corners of a box, from the start of its first row on, in reading direction."""
    cos, sin = ((1.0, 0.0), (ROOT, -ROOT), (ROOT, ROOT))[spot.turn]
    return tuple(
        (
            spot.x + right * spot.along * cos - down * spot.across * sin,
            spot.y + right * spot.along * sin + down * spot.across * cos,
        )
        for right, down in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    )


def _line(draft: Draft, name: str, colour: str) -> LineTruth:
    page = draft.page
    badges = tuple(
        (
            draft.plan.markers[spot.site.marker].stop,
            page.bounds(
                (
                    spot.x - spot.along,
                    spot.y - spot.across,
                    spot.x + spot.along,
                    spot.y + spot.across,
                )
            ),
        )
        for line, spot in draft.plan.badges
        if line == name
    )
    return LineTruth(
        colour=colour,
        width=page.long(draft.look.line_width),
        polylines=draft.paths[name],
        badges=badges,
        legend=_legend_row(draft, name),
    )


def _legend_row(draft: Draft, name: str) -> Bounds | None:
    if draft.page.legend is None:
        return None
    plan, (left, top) = draft.page.legend
    entry = next(entry for entry in plan.entries if entry.line == name)
    x, y = left + entry.place[0], top + entry.place[1]
    return draft.page.bounds((x, y, x + entry.width, y + ENTRY))
