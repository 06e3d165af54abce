import io
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeAlias

import pytest
from PIL import Image

from rm_data import city
from rm_data.picture import Backend, Scene, scene, to_png

Measure: TypeAlias = Callable[..., Any]
NUMBERS = range(12)


@pytest.mark.parametrize("lines", [4, 8, 14])
def test_finding_legible_maps_beside_drawing_up_what_was_found(
    measure: Measure, lines: int
) -> None:
    found = [city(number, lines=(lines, lines)) for number in NUMBERS]

    def again() -> list[Scene]:
        return [scene(c.network, c.look, layout=c.layout, seed=c.number) for c in found]

    cities = measure(
        lambda: [city(number, lines=(lines, lines)) for number in NUMBERS],
        count=len(NUMBERS),
        unit=f"maps of {lines} lines",
        baseline=again,
        named="drawing up the maps that were found, once",
    )
    assert [c.network for c in cities] == [c.network for c in found]


@pytest.mark.parametrize("size", [1000, 4000])
@pytest.mark.parametrize("backend", ["resvg", "skia", "pillow"])
def test_maps_of_eight_lines_from_number_to_png_beside_an_empty_png(
    measure: Measure, backend: Backend, size: int
) -> None:
    if backend == "skia" and find_spec("skia") is None:
        pytest.skip("skia-python is not installed (extra: fast)")

    def empty() -> bytes:
        buffer = io.BytesIO()
        Image.new("RGB", (size, size), "white").save(buffer, "PNG", compress_level=3)
        return buffer.getvalue()

    png: bytes = measure(
        lambda: to_png(city(0, lines=(8, 8)).drawn(size), backend=backend),
        count=1,
        unit="maps",
        baseline=empty,
        named="an empty PNG of that size",
    )
    with Image.open(io.BytesIO(png)) as picture:
        assert max(picture.size) == size
