"""Pictures: placing and checking names, rasterising and encoding at 1000 and 4000 pixels."""

import io
from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

import pytest
from PIL import Image

from rm_data.cities.city import City, city
from rm_data.picture import BACKENDS, Backend, Scene, conflicts, scene, to_image, to_svg

Measure: TypeAlias = Callable[..., Any]
LINES = 8
SIZES = (1000, 4000)


@cache
def largest() -> City:
    """Of twenty cities of eight lines the one with the most stations."""
    cities = [city(number, lines=(LINES, LINES)) for number in range(20)]
    return max(cities, key=lambda one: len(one.network.stations))


def names_by_letters() -> int:
    """A floor for what is done with names: every letter of every name is looked at once."""
    return sum(ord(letter) for name in largest().network.names.values() for letter in name)


def test_placing_and_checking_all_names(measure: Measure) -> None:
    one = largest()
    made = measure(
        lambda: scene(one.network, one.look, layout=one.layout, seed=one.number),
        count=1,
        unit=f"maps of {LINES} lines and {len(one.network.stations)} stations",
        baseline=names_by_letters,
        named="looking at every letter of the names",
    )
    assert made.conflicts == ()


def test_the_check_alone(measure: Measure) -> None:
    one = largest()
    found = measure(
        lambda: conflicts(one.scene),
        count=1,
        unit="checks",
        baseline=lambda: scene(one.network, one.look, layout=one.layout, seed=one.number),
        named="placing and checking",
    )
    assert found == ()


def test_writing_svg(measure: Measure) -> None:
    one = largest()
    text = measure(
        lambda: to_svg(one.scene),
        count=1,
        unit="SVG files",
        baseline=lambda: [repr(shape) for shape in one.scene.shapes],
        named="the repr of all shapes",
    )
    assert text.startswith("<svg")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("backend", BACKENDS)
def test_rasterising(measure: Measure, backend: Backend, size: int) -> None:
    if backend == "skia":
        pytest.importorskip("skia", reason="the extra `fast` cannot be used", exc_type=ImportError)
    drawn = scaled(size)
    picture = measure(
        lambda: to_image(drawn, backend=backend),
        count=1,
        unit="pictures",
        baseline=lambda: Image.new("RGB", (drawn.width, drawn.height), "white").tobytes(),
        named="an empty picture",
    )
    assert picture.size == (drawn.width, drawn.height)


@pytest.mark.parametrize("size", SIZES)
def test_encoding(measure: Measure, size: int) -> None:
    picture = to_image(scaled(size), backend="pillow")

    def encode() -> bytes:
        buffer = io.BytesIO()
        picture.save(buffer, "PNG", compress_level=3)
        return buffer.getvalue()

    png = measure(
        encode,
        count=1,
        unit="PNG files",
        baseline=lambda: Image.new("RGB", picture.size, "white").tobytes(),
        named="an empty picture",
    )
    assert png[1:4] == b"PNG"


@cache
def scaled(size: int) -> Scene:
    one = largest()
    return one.drawn(size, min_text_px=1.0)
