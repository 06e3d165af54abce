"""The style `mix`: for each city one of the styles, with variations of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Final, TypeAlias

from rm_data.cities.styles import CITY_STYLES, MOST_LINES, CityStyle
from rm_data.picture import Look

MIX: Final = "mix"

_Variation: TypeAlias = Callable[[Random, Look], Look]


def style_for(style: str, number: int) -> CityStyle:
    """The style of that name; for `mix` one drawn for the city of that number, with variations."""
    if style != MIX:
        return CITY_STYLES[style]
    rng = Random(f"mix:{number}")
    base = CITY_STYLES[rng.choice(sorted(CITY_STYLES))]
    look = base.look
    for chance, variation in _VARIATIONS:
        if rng.random() < chance:
            look = variation(rng, look)
    scenery = tuple(kind for kind in ("water", "park", "zone") if rng.random() < 0.4)
    return replace(
        base,
        look=look,
        scenery=scenery if rng.random() < 0.5 else base.scenery,
        similar=max(base.similar, rng.choice((0.0, 0.3))),
        lines=(2, MOST_LINES) if rng.random() < 0.3 else base.lines,
    )


def _marker(rng: Random, look: Look) -> Look:
    if look.marker == "tick":
        return look
    return replace(look, marker=rng.choice(("circle", "dot", "square")))


def _interchange(rng: Random, look: Look) -> Look:
    return replace(look, interchange=rng.choice(("capsule", "circle", "square")))


def _legend(rng: Random, look: Look) -> Look:
    places = ("below", "right", "corner") if look.badges == "none" else _ANY_LEGEND
    return replace(look, legend=rng.choice(places))


_ANY_LEGEND: Final = ("below", "right", "corner", "none")


def _font(rng: Random, look: Look) -> Look:
    return replace(look, font=rng.choice(("sans", "sans-wide", "serif", "sans-bold")))


def _upper(rng: Random, look: Look) -> Look:
    del rng
    return replace(look, case="upper")


def _width(rng: Random, look: Look) -> Look:
    return replace(look, line_width=look.line_width * rng.choice((0.9, 1.2)))


def _jpeg(rng: Random, look: Look) -> Look:
    return replace(look, jpeg=rng.randint(40, 90))


def _worn(rng: Random, look: Look) -> Look:
    return replace(look, blur=rng.choice((0.4, 0.7)), grain=rng.choice((0.0, 4.0, 8.0)))


def _untitled(rng: Random, look: Look) -> Look:
    del rng
    return replace(look, title=False)


_VARIATIONS: Final[tuple[tuple[float, _Variation], ...]] = (
    (0.4, _marker),
    (0.4, _interchange),
    (0.5, _legend),
    (0.3, _font),
    (0.15, _upper),
    (0.2, _width),
    (0.25, _jpeg),
    (0.15, _worn),
    (0.3, _untitled),
)
"""How often each comes up."""
