"""The styles of synthetic cities: how their maps look, and which names and colours they draw on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from rm_data.cities.name_words import Script
from rm_data.cities.palettes import BRIGHT, GLOWING
from rm_data.picture import Look
from rm_data.picture.scenery import SceneryKind

MOST_LINES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CityStyle:
    """What the cities of a style have in common.

    Attributes:
        look: How the map is drawn.
        lines: Fewest and most lines, where the caller does not say.
        scripts: Of the station names; a city draws one.
        schemes: Of the line names; a city draws one of those that can name its lines.
        palette: Colours of the lines, by their words.
        scenery: What may lie under the map; a city draws some of it.
        similar: Share of the cities that have pairs of lines in similar colours.
        spacing: Fewest and most cells between two stations, about.
        bare: Share of the crossings that have no station.
        room: Size of the grid, against the usual one for the number of lines.
    """

    look: Look
    lines: tuple[int, int] = (3, 10)
    scripts: tuple[Script, ...] = ("latin",)
    schemes: tuple[str, ...] = ("numbers", "numbers", "codes", "letters", "colours", "mixed")
    palette: Mapping[str, str]
    scenery: tuple[SceneryKind, ...] = ()
    similar: float = 0.0
    spacing: tuple[float, float] = (1.15, 1.7)
    bare: float = 0.25
    room: float = 1.18


_READABLE: Final = Look(
    name="metro",
    text=0.3,
    line_width=0.6,
    marker_size=0.24,
    rim="#ffffff",
    label_gap=0.5,
    interchange_gap=0.2,
    label_room=0.45,
)
"""White discs within the lines, at some distance from the names: beside a name an open circle is
read as the letter O, and names that nearly touch are read as one."""

CITY_STYLES: Final[Mapping[str, CityStyle]] = {
    "metro": CityStyle(look=_READABLE, palette=BRIGHT),
    "night": CityStyle(
        look=replace(
            _READABLE,
            name="night",
            background="#141a24",
            ink="#f2f4f7",
            marker_fill="#141a24",
            rim="#141a24",
            casing=0.06,
            font="sans-wide",
            legend="right",
            water="#1d2c42",
            park="#1b2f28",
            zone="#1b222e",
        ),
        palette=GLOWING,
        schemes=("numbers", "codes", "letters", "words"),
        scenery=("water", "park"),
    ),
    "cream": CityStyle(
        look=replace(
            _READABLE,
            name="cream",
            background="#f8f1de",
            ink="#2c241b",
            font="serif",
            marker="square",
            interchange="square",
            rim="#fffaf0",
            marker_fill="#fffaf0",
            legend="corner",
            water="#cfe0e2",
            park="#dfe5c0",
            zone="#efe5cb",
        ),
        palette=BRIGHT,
        scripts=("latin", "accented"),
        schemes=("words", "colours", "letters", "numbers"),
        scenery=("water", "park"),
    ),
    "ticks": CityStyle(
        look=replace(
            _READABLE,
            name="ticks",
            marker="tick",
            interchange="circle",
            rim="#1a1a1a",
            line_width=0.56,
            angled=False,
            ink="#16285c",
            badges="none",
            legend="right",
        ),
        palette=BRIGHT,
        schemes=("words", "colours", "numbers"),
        scenery=("water", "zone"),
    ),
    "tram": CityStyle(
        look=replace(
            _READABLE,
            name="tram",
            background="#f6f8f7",
            marker="dot",
            interchange="capsule",
            line_width=0.46,
            marker_size=0.26,
            badges="short",
            legend="none",
            casing=0.05,
        ),
        palette=BRIGHT,
        scripts=("accented",),
        schemes=("codes", "letters", "numbers"),
        scenery=("park", "water"),
        bare=0.35,
    ),
    "capital": CityStyle(
        look=replace(
            _READABLE,
            name="capital",
            text=0.28,
            case="upper",
            font="sans-bold",
            line_width=0.64,
            marker_size=0.25,
            legend="corner",
        ),
        palette=BRIGHT,
        schemes=("numbers", "letters", "mixed"),
        scenery=("zone",),
    ),
    "cjk": CityStyle(
        look=replace(_READABLE, name="cjk", text_px=22.0),
        palette=BRIGHT,
        scripts=("cjk",),
        schemes=("chinese",),
        scenery=("water",),
    ),
    "crowded": CityStyle(
        look=replace(
            _READABLE,
            name="crowded",
            text=0.28,
            label_gap=0.42,
            label_room=0.4,
            badges="full",
            legend="none",
        ),
        lines=(8, 14),
        palette=BRIGHT,
        scripts=("latin", "accented"),
        similar=1.0,
        spacing=(1.0, 1.3),
        bare=0.4,
        room=1.1,
    ),
    "scan": CityStyle(
        look=replace(
            _READABLE,
            name="scan",
            background="#fbfbf7",
            jpeg=55,
            blur=0.5,
            grain=5.0,
            legend="below",
        ),
        palette=BRIGHT,
        scenery=("park", "zone"),
        similar=0.3,
    ),
}
"""The styles by name; `metro` is the plain one."""
