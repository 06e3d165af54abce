from __future__ import annotations

from dataclasses import replace

import pytest

from rm_data.layout import Layout
from rm_data.picture import Look, Scenery, scenery_for
from rm_data.picture.colours import line_colours, readable_on
from rm_data.picture.scenery import KINDS
from rm_rewards import Line, Network, RecordError


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("marker", "star", "one of circle, dot, square, tick"),
        ("font", "Arial", "one of sans"),
        ("case", "lower", "one of as-is, upper"),
        ("background", "white", "#rrggbb"),
        ("ink", "#12", "#rrggbb"),
        ("rim", "#12345G", "#rrggbb"),
        ("text", 0.0, "a positive number"),
        ("text", float("nan"), "a positive number"),
        ("gap", -1.0, "not negative"),
        ("rows", 3, "1 or 2"),
        ("jpeg", 0, "from 1 to 95"),
    ],
)
def test_a_look_that_cannot_be_drawn_is_refused(field: str, value: object, told: str) -> None:
    with pytest.raises(RecordError, match=f"{field}: found .*{told}"):
        replace(Look(), **{field: value})  # pyright: ignore[reportArgumentType]


def test_a_map_whose_lines_have_no_names_is_refused() -> None:
    with pytest.raises(RecordError, match="badges or a legend"):
        Look(badges="none", legend="none")


@pytest.mark.parametrize(
    ("colour", "ink"),
    [
        ("#ffffff", "#1a1a1a"),
        ("#f2c414", "#1a1a1a"),
        ("#ffb6c1", "#1a1a1a"),
        ("#000000", "#ffffff"),
        ("#1f5fc4", "#ffffff"),
        ("#7d3c98", "#ffffff"),
    ],
)
def test_text_on_light_colours_is_dark_and_on_dark_ones_light(colour: str, ink: str) -> None:
    assert readable_on(colour) == ink


def test_every_colour_has_text_with_a_contrast_of_four_and_a_half_or_close() -> None:
    steps = (0x00, 0x40, 0x80, 0xC0, 0xFF)
    for red in steps:
        for green in steps:
            for blue in steps:
                colour = f"#{red:02x}{green:02x}{blue:02x}"
                assert contrast(colour, readable_on(colour)) > 4.0, colour


def contrast(one: str, two: str) -> float:
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_lines_without_a_colour_get_different_ones() -> None:
    lines = tuple(Line(name=f"Line {n}", paths=()) for n in range(20))
    network = Network(city="x", lines=lines, stations=())
    assert len(set(line_colours(network).values())) == 20


def test_scenery_comes_from_its_seed() -> None:
    layout = Layout(positions={"a": (0.0, 0.0), "b": (12.0, 9.0)})
    assert scenery_for(layout, 4) == scenery_for(layout, 4)
    assert scenery_for(layout, 4) != scenery_for(layout, 5)
    assert {patch.kind for patch in scenery_for(layout, 4)} == set(KINDS)
    assert {patch.kind for patch in scenery_for(layout, 4, ("water",))} == {"water"}
    assert scenery_for(Layout(positions={}), 4) == ()


@pytest.mark.parametrize("seed", range(12))
def test_a_river_crosses_the_whole_map(seed: int) -> None:
    layout = Layout(positions={"a": (0.0, 0.0), "b": (12.0, 9.0)})
    (river,) = scenery_for(layout, seed, ("water",))
    assert isinstance(river, Scenery)
    xs, ys = [x for x, _ in river.points], [y for _, y in river.points]
    assert (min(xs) < 0 and max(xs) > 12) or (min(ys) < 0 and max(ys) > 9)
