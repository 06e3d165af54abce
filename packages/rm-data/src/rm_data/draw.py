"""The picture of a network whose stations have places on a grid.

Every station keeps to its own cell: marker and name stand inside it, so no label can meet another
label or a foreign marker. Only lines cross from cell to cell.
"""

from __future__ import annotations

import random
from functools import cache
from typing import Final

from PIL import Image, ImageColor, ImageDraw, ImageFont

from rm_data.synthetic import Style, style_named
from rm_rewards import Line, Network

_PAPER: Final = (255, 255, 255)
_INK: Final = (20, 20, 20)
_SCALE: Final = 4
"""Drawn this much larger and reduced, for smooth edges."""


def draw(
    network: Network, *, style: str = "compact", size: int | None = None, seed: int = 0
) -> Image.Image:
    """An RGB picture of the network, square, `size` pixels a side (the style's default if None).

    The seed moves colours by up to 12 of 255 and markers by up to a fourteenth of a cell, so that
    no two pictures are alike to the last pixel; it never changes what the picture says.

    Raises:
        ValueError: If the network has no positions, or they leave the grid of the style, or the
            size leaves less than 20 pixels for a cell.
    """
    look = style_named(style)
    pixels = size or look.cell * look.grid
    cell = pixels / look.grid
    if cell < 20:  # the smallest cell whose letter is still legible
        raise ValueError(f"size: found {pixels}, expected at least {20 * look.grid} pixels")
    rng = random.Random(f"draw:{network.city}:{seed}")
    places = _places(network, look, cell, rng)
    canvas = Image.new("RGB", (pixels * _SCALE, pixels * _SCALE), _PAPER)
    brush = ImageDraw.Draw(canvas)
    tints = {line.name: _tint(line, rng) for line in network.lines}
    for line in network.lines:
        _draw_line(brush, line, places, tints[line.name], width=cell * _SCALE * look.stroke)
    for stop, (x, y) in places.items():
        lines = network.lines_at[stop]
        rim = tints[lines[0]] if len(lines) == 1 else _INK
        _draw_station(brush, (x, y), network.names[stop], rim, look, cell * _SCALE)
    return canvas.resize((pixels, pixels), Image.Resampling.BOX)


def _places(
    network: Network, look: Style, cell: float, rng: random.Random
) -> dict[str, tuple[float, float]]:
    if network.positions is None or set(network.positions) != set(network.names):
        raise ValueError(f"positions: {network.city} has none for some of its stations")
    sway = cell / 14
    places: dict[str, tuple[float, float]] = {}
    for stop, (column, row) in network.positions.items():
        if not (0 <= column < look.grid and 0 <= row < look.grid):
            raise ValueError(f"positions: {stop!r} at {column}, {row} leaves the {look.grid} grid")
        dx, dy = rng.uniform(-sway, sway), rng.uniform(-sway, sway)
        places[stop] = (
            ((column + 0.5) * cell + dx) * _SCALE,
            ((row + (0.5 if look.letters else 0.36)) * cell + dy) * _SCALE,
        )
    return places


def _tint(line: Line, rng: random.Random) -> tuple[int, int, int]:
    red, green, blue = ImageColor.getrgb(line.colour)[:3]
    return (_near(red, rng), _near(green, rng), _near(blue, rng))


def _near(value: int, rng: random.Random) -> int:
    return max(0, min(255, value + rng.randint(-12, 12)))


def _draw_line(
    brush: ImageDraw.ImageDraw,
    line: Line,
    places: dict[str, tuple[float, float]],
    tint: tuple[int, int, int],
    width: float,
) -> None:
    for path in line.paths:
        points = [places[stop] for stop in path]
        if line.loop:
            points.append(points[0])
        brush.line(points, fill=tint, width=round(width), joint="curve")


def _draw_station(
    brush: ImageDraw.ImageDraw,
    place: tuple[float, float],
    name: str,
    rim: tuple[int, int, int],
    look: Style,
    cell: float,
) -> None:
    x, y = place
    radius = cell * (0.36 if look.letters else 0.13)
    brush.ellipse(
        (x - radius, y - radius, x + radius, y + radius),
        fill=_PAPER,
        outline=rim,
        width=round(cell / 14 if look.letters else cell / 28),
    )
    if look.letters:
        font = _font(round(cell * 0.54))
        brush.text((x, y), name, fill=_INK, font=font, anchor="mm", stroke_width=cell / 60)
        return
    font = _font(round(cell * 0.16))
    below = y + radius + cell * 0.12
    left, top, right, bottom = brush.textbbox((x, below), name, font=font, anchor="mm")
    pad = cell * 0.02
    brush.rectangle((left - pad, top - pad, right + pad, bottom + pad), fill=_PAPER)
    brush.text((x, below), name, fill=_INK, font=font, anchor="mm")


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
