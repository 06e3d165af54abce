"""How a map is drawn: everything that a drawing style decides, and nothing about what it says."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Final, Literal, TypeAlias, get_args

from rm_rewards import RecordError

Face: TypeAlias = Literal["sans", "sans-bold", "sans-wide", "serif"]
"""A face of the fonts that ship with the package; Chinese characters always take one face."""
Marker: TypeAlias = Literal["circle", "dot", "square", "tick"]
Interchange: TypeAlias = Literal["capsule", "circle", "square"]
Legend: TypeAlias = Literal["none", "below", "right", "corner"]
Badges: TypeAlias = Literal["none", "short", "full"]

_COLOUR: Final = re.compile("#[0-9a-f]{6}")
_CHOICES: Final = {
    "font": get_args(Face),
    "marker": get_args(Marker),
    "interchange": get_args(Interchange),
    "legend": get_args(Legend),
    "badges": get_args(Badges),
    "case": ("as-is", "upper"),
}
_NOT_NEGATIVE: Final = (
    "casing",
    "gap",
    "label_gap",
    "interchange_gap",
    "label_room",
    "bend",
    "margin",
    "blur",
    "grain",
    "min_text_px",
)
_POSITIVE: Final = ("text", "text_px", "line_width", "marker_size")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a map is drawn. Colours are `#rrggbb`.

    Sizes without another unit are in heights of label text, so that one number, `text`, scales the
    drawing against its layout, and a picture of any size shows the same map.

    Attributes:
        text: Size of label text in units of the layout's grid (a quarter to a half of the distance
            between two stations is usual).
        text_px: Size of label text in pixels where no size of the picture is asked for.
        min_text_px: A picture whose labels would be smaller than this is refused.
        font, case: Of the labels. Badges and titles are bold.
        line_width, gap: Width of a line, and the free space between two on the same track.
        casing: Width of the rim in the colour of the background on either side of a line, which
            shows which line is on top where two cross; 0 for none. At most `gap` where lines share
            a track.
        bend: Radius of the curve where a track turns.
        marker: Of a station of one line: a white `circle` with a rim, a `dot` in ink, a `square`,
            or a `tick` beside the line, towards the name.
        interchange: Of a station of several lines; a `capsule` reaches over all of them.
        marker_size: Radius of a marker.
        rim: Colour of the rim of markers; empty for the colour of the line (stations of one line).
        label_gap: Between a marker and its name.
        interchange_gap: More of that at stations of several lines.
        label_room: Half of what is free between the ends of two names in a row.
        angled: Whether labels may be set at 45 degrees.
        rows: Most rows of a label, 1 or 2.
        badges: At the ends of lines: `short` is `5` for `Line 5`, `full` the whole name.
        legend: Where lines are listed with their names; `corner` is the emptiest corner, or below
            the map where none is empty.
        title: Whether the city's name stands above the map.
        water, park, zone: Colours of scenery. Two zones that touch take turns with the background.
        margin: Free space around the map.
        jpeg: Quality (1 to 95) of a JPEG that the picture goes through, or None.
        blur: Radius of a Gaussian blur in pixels.
        grain: Standard deviation of noise, of 255.
    """

    name: str = "plain"
    background: str = "#ffffff"
    ink: str = "#1a1a1a"
    text: float = 0.34
    text_px: float = 18.0
    min_text_px: float = 10.0
    font: Face = "sans"
    case: Literal["as-is", "upper"] = "as-is"
    line_width: float = 0.5
    gap: float = 0.08
    casing: float = 0.0
    bend: float = 1.0
    marker: Marker = "circle"
    interchange: Interchange = "capsule"
    marker_size: float = 0.36
    marker_fill: str = "#ffffff"
    rim: str = ""
    label_gap: float = 0.24
    interchange_gap: float = 0.0
    label_room: float = 0.16
    angled: bool = True
    rows: int = 2
    badges: Badges = "short"
    legend: Legend = "below"
    title: bool = True
    water: str = "#d5e8f4"
    park: str = "#dcecd3"
    zone: str = "#efefea"
    margin: float = 1.2
    jpeg: int | None = None
    blur: float = 0.0
    grain: float = 0.0

    def __post_init__(self) -> None:
        for name, allowed in _CHOICES.items():
            _require(getattr(self, name) in allowed, self, name, f"one of {', '.join(allowed)}")
        for field in fields(self):
            value: object = getattr(self, field.name)
            if isinstance(value, str) and value.startswith("#"):
                _require(_COLOUR.fullmatch(value) is not None, self, field.name, "#rrggbb")
        for name in ("background", "ink", "marker_fill", "water", "park", "zone"):
            _require(getattr(self, name).startswith("#"), self, name, "#rrggbb")
        for name in _NOT_NEGATIVE:
            _require(0 <= getattr(self, name) < 1e6, self, name, "a number that is not negative")
        for name in _POSITIVE:
            _require(0 < getattr(self, name) < 1e6, self, name, "a positive number")
        _require(self.rows in (1, 2), self, "rows", "1 or 2")
        _require(self.jpeg is None or 1 <= self.jpeg <= 95, self, "jpeg", "a quality from 1 to 95")
        named = self.badges != "none" or self.legend != "none"
        _require(named, self, "badges", "badges or a legend, or lines have no names on the map")


def _require(holds: bool, look: Look, name: str, expected: str) -> None:
    if not holds:
        raise RecordError(name, getattr(look, name), expected)
