"""Colours: which text is readable on them, and which a line gets that has none."""

from __future__ import annotations

import re
from typing import Final

from rm_rewards import Line, Network, RecordError

_COLOUR: Final = re.compile("#[0-9a-fA-F]{6}")
_DARK: Final = "#1a1a1a"
_LIGHT: Final = "#ffffff"
PALETTE: Final = (
    "#d8262c", "#1f5fc4", "#1f9a48", "#f08c1a", "#7d3c98", "#12a5a5", "#e667a8", "#8d5a2b",
    "#f2c414", "#7a7f87", "#5b8c2a", "#0b3c6f", "#b5179e", "#5bb0e8", "#a4243b", "#4b4e9b",
    "#c2a878", "#2f4b3c", "#ff6f59", "#6d6875",
)  # fmt: skip
"""For lines without a colour of their own, the most different ones first."""


def readable_on(colour: str) -> str:
    """Near-black or white, whichever has the higher contrast on the colour (WCAG 2)."""
    luminance = _luminance(colour)
    dark, light = _luminance(_DARK), _luminance(_LIGHT)
    on_dark = (luminance + 0.05) / (dark + 0.05)
    on_light = (light + 0.05) / (luminance + 0.05)
    return _DARK if on_dark > on_light else _LIGHT


def line_colours(network: Network) -> dict[str, str]:
    """The colour of each line as `#rrggbb`: its own, or one of a palette by its place.

    Raises:
        RecordError: If a line's own colour is written in another way.
    """
    return {line.name: _colour(line, place) for place, line in enumerate(network.lines)}


def _colour(line: Line, place: int) -> str:
    if not line.colour:
        return PALETTE[place % len(PALETTE)]
    if _COLOUR.fullmatch(line.colour) is None:
        raise RecordError(f"lines[{line.name!r}].colour", line.colour, "#rrggbb, or nothing")
    return line.colour.lower()


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
