"""Colours of lines: easily told apart, or similar on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Final

BRIGHT: Final[Mapping[str, str]] = {
    "Red": "#d8262c",
    "Blue": "#1f5fc4",
    "Green": "#1f9a48",
    "Orange": "#f08c1a",
    "Purple": "#7d3c98",
    "Brown": "#8d5a2b",
    "Pink": "#ee7fb5",
    "Grey": "#7a7f87",
    "Teal": "#0f9aa5",
    "Yellow": "#f0c400",
    "Lime": "#9bc53d",
    "Navy": "#1c2d6b",
    "Maroon": "#7b1733",
    "Sky": "#62b8ea",
    "Magenta": "#c2187f",
    "Olive": "#757a16",
    "Mint": "#63cfa4",
    "Lavender": "#ab9ae0",
    "Forest": "#14563c",
    "Salmon": "#f58d77",
}
"""For light backgrounds; the first ones are told apart most easily."""

GLOWING: Final[Mapping[str, str]] = {
    "Red": "#ff5252",
    "Blue": "#4d9bff",
    "Green": "#35c76b",
    "Orange": "#ff9f2e",
    "Purple": "#b46ee0",
    "Yellow": "#ffe14d",
    "Pink": "#ff9bd2",
    "Grey": "#a8b0b8",
    "Teal": "#22b8b8",
    "Lime": "#b9e54a",
    "White": "#f4f4f0",
    "Brown": "#b8824f",
    "Sky": "#9adcff",
    "Magenta": "#f03fa6",
    "Olive": "#a5a53a",
    "Mint": "#8ff0c4",
    "Lavender": "#cdbcff",
    "Salmon": "#ffb09c",
    "Cobalt": "#6d78f5",
    "Moss": "#5f9450",
}
"""For dark backgrounds."""

PLAIN_NAMES: Final = 12
"""A line may be called after one of the first of the colours: anyone knows these words."""


def colours(rng: Random, count: int, palette: Mapping[str, str]) -> list[tuple[str, str]]:
    """That many (word, `#rrggbb`), at random among the first few that are needed.

    Raises:
        ValueError: If the palette has fewer.
    """
    if count > len(palette):
        raise ValueError(f"lines: found {count}, expected at most {len(palette)}")
    enough = max(count, min(PLAIN_NAMES, len(palette)))
    return rng.sample(list(palette.items())[:enough], count)


def similar(rng: Random, chosen: list[tuple[str, str]], pairs: int) -> list[tuple[str, str]]:
    """The colours with some pairs made similar: the second of a pair is a shade of the first.

    The shades of a pair differ by about a sixth of the range in brightness: visibly, side by side.
    """
    order = rng.sample(range(len(chosen)), len(chosen))
    changed = list(chosen)
    for one, two in list(zip(order[::2], order[1::2], strict=False))[:pairs]:
        changed[two] = (changed[two][0], shade(chosen[one][1]))
    return changed


def shade(colour: str) -> str:
    """A lighter shade of a dark colour, a darker one of a light colour."""
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    step = 62 if sum(parts) < 3 * 120 else -62
    return "#" + "".join(f"{min(255, max(0, part + step)):02x}" for part in parts)
