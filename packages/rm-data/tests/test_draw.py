import re
from dataclasses import replace
from itertools import pairwise
from math import cos, sin

import pytest
from PIL import Image, ImageColor

from rm_data import STYLES, draw, generate
from rm_rewards import from_published

Pixel = tuple[int, int, int]


def pixel(picture: Image.Image, x: float, y: float) -> Pixel:
    found = picture.getpixel((round(x), round(y)))
    assert isinstance(found, tuple)
    return found[0], found[1], found[2]


def near(found: Pixel, colour: str, tolerance: int = 14) -> bool:
    wanted = ImageColor.getrgb(colour)
    return all(abs(a - b) <= tolerance for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize("style", sorted(STYLES))
def test_the_same_seed_gives_the_same_picture_and_another_seed_another(style: str) -> None:
    network = generate(4, style=style)
    once = draw(network, style=style, seed=1)
    assert once.tobytes() == draw(network, style=style, seed=1).tobytes()
    assert once.tobytes() != draw(network, style=style, seed=2).tobytes()


@pytest.mark.parametrize(("style", "size"), [("compact", 112), ("named", 896)])
def test_a_picture_has_the_style_s_size(style: str, size: int) -> None:
    assert draw(generate(0, style=style), style=style).size == (size, size)


@pytest.mark.parametrize("seed", range(30))
def test_each_edge_shows_the_colour_of_its_line_between_the_markers(seed: int) -> None:
    network = generate(seed)
    size, cell = 448, 112
    picture = draw(network, size=size)
    places = network.positions or {}
    corners: dict[tuple[float, float], int] = {}
    edges = [
        (line.colour, places[a], places[b])
        for line in network.lines
        for a, b in pairwise(line.paths[0])
    ]
    for _, a, b in edges:
        middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        corners[middle] = corners.get(middle, 0) + 1
    for colour, a, b in edges:
        x, y = (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
        if corners[x, y] == 1:  # where two diagonals cross, the later line is on top
            assert near(pixel(picture, (x + 0.5) * cell, (y + 0.5) * cell), colour)


@pytest.mark.parametrize("seed", range(30))
def test_each_station_s_cell_holds_a_white_marker_with_dark_ink(seed: int) -> None:
    network = generate(seed)
    cell = 112
    picture = draw(network, size=4 * cell)
    for column, row in (network.positions or {}).values():
        box = (column * cell + 34, row * cell + 34, column * cell + 78, row * cell + 78)
        colours = picture.crop(box).getcolors(maxcolors=10_000) or []
        dark = sum(n for n, c in colours if isinstance(c, tuple) and max(c) < 90)
        white = sum(n for n, c in colours if isinstance(c, tuple) and min(c) > 240)
        assert dark > 100
        assert white > 400


@pytest.mark.parametrize("seed", range(30))
def test_the_rim_of_an_interchange_is_black_and_of_any_other_stop_its_line_s_colour(
    seed: int,
) -> None:
    network = generate(seed)
    colours = {line.name: line.colour for line in network.lines}
    cell, radius = 112, 112 * 0.36
    picture = draw(network, size=4 * cell)
    for stop, (column, row) in (network.positions or {}).items():
        lines = network.lines_at[stop]
        rim = colours[lines[0]] if len(lines) == 1 else "#141414"
        x, y = (column + 0.5) * cell, (row + 0.5) * cell
        around = [  # the marker may stand a fourteenth of a cell away, in any direction
            pixel(picture, x + r * cos(angle), y + r * sin(angle))
            for angle in (0.4, 1.2, 2.0, 2.8, 3.6, 4.4, 5.2, 6.0)
            for r in (radius - 12, radius - 8, radius - 4, radius, radius + 4)
        ]
        assert sum(near(found, rim) for found in around) >= 6


def test_an_empty_cell_away_from_lines_is_paper() -> None:
    network = generate(1)
    used = {(round(x), round(y)) for x, y in (network.positions or {}).values()}
    picture = draw(network)
    free = [(x, y) for x in range(4) for y in range(4) if (x, y) not in used]
    assert free
    for x, y in free:
        assert pixel(picture, x * 28 + 14, y * 28 + 14) == (255, 255, 255)


def test_what_cannot_be_drawn_is_refused() -> None:
    network = generate(0)
    with pytest.raises(ValueError, match="size: found 79, expected at least 80 pixels"):
        draw(network, size=79)
    with pytest.raises(ValueError, match="style: found 'oil'"):
        draw(network, style="oil")
    with pytest.raises(ValueError, match="positions: town has none for some of its stations"):
        draw(from_published({"1": ["A", "B"]}, city="town"))
    far = replace(network, positions=dict.fromkeys(network.names, (9.0, 0.0)))
    with pytest.raises(ValueError, match=re.escape("leaves the 4 grid")):
        draw(far)
