from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from importlib.metadata import version
from itertools import pairwise
from math import hypot

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageColor

from rm_data.layout import Layout
from rm_data.picture import (
    BACKENDS,
    Backend,
    Look,
    Noise,
    Scene,
    raster_skia,
    scene,
    to_image,
    to_png,
)
from rm_data.picture.look import Legend
from rm_rewards import Line, Network, RecordError, Station

Drawing = tuple[Network, Layout]
SIZE = 640
each_backend = pytest.mark.parametrize("backend", BACKENDS)
LOOKS = {
    "plain": Look(text=0.3),
    "ticks": Look(text=0.3, marker="tick", interchange="circle", badges="full", font="serif"),
    "squares": Look(text=0.3, marker="square", interchange="square", case="upper", casing=0.1),
    "dots": Look(text=0.3, marker="dot", rim="#1a1a1a", font="sans-wide", background="#f7f1df"),
}
each_look = pytest.mark.parametrize(
    ("look", "backend"),
    [(look, "pillow") for look in LOOKS.values()] + [(LOOKS["plain"], name) for name in BACKENDS],
    ids=[f"{name}-pillow" for name in LOOKS] + [f"again-{name}" for name in BACKENDS],
)


@pytest.fixture(autouse=True)
def skia_or_skip(request: pytest.FixtureRequest) -> None:
    if "skia" in request.node.name:
        pytest.importorskip("skia", reason="the extra `fast` cannot be used", exc_type=ImportError)


def pixels(image: Image.Image) -> NDArray[np.int16]:
    return np.asarray(image).astype(np.int16)


def only(made: Scene, kind: str, key: str) -> Scene:
    """The scene with one group alone on its background."""
    groups = tuple(group for group in made.groups if group.kind == kind and group.key == key)
    return replace(made, groups=groups)


def ink(made: Scene, backend: Backend) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of all pixels that clearly differ from the background."""
    paper = np.array(ImageColor.getrgb(made.background))
    differs = np.abs(pixels(to_image(made, backend=backend)) - paper).max(axis=2) > 60
    ys, xs = np.nonzero(differs)
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def inside(ink: tuple[int, int, int, int], box: tuple[float, float, float, float]) -> bool:
    return (
        ink[0] >= box[0] - 1
        and ink[1] >= box[1] - 1
        and ink[2] <= box[2] + 1
        and ink[3] <= box[3] + 1
    )


@each_look
def test_the_box_of_a_name_holds_its_ink_and_little_else(
    city: Drawing, backend: Backend, look: Look
) -> None:
    network, layout = city
    made = scene(network, look, layout=layout, size=SIZE)
    for stop in ("a", "d", "g"):
        label = made.truth.labels[stop]
        found = ink(only(made, "label", stop), backend)
        assert inside(found, label.bounds), (stop, found, label.bounds)
        assert found[2] - found[0] > 0.8 * (label.bounds[2] - label.bounds[0]) - 6


@pytest.mark.parametrize("turned", [1, -1], ids=["falling", "rising"])
@each_backend
def test_a_turned_name_lies_along_its_turned_box(backend: Backend, turned: int) -> None:
    row = "abcdefg"
    network = Network(
        city="x",
        lines=(Line(name="Line 1", paths=(tuple(row),)),),
        stations=tuple(Station(id=stop, name=f"Wagga Wagga {stop}") for stop in row),
    )
    layout = Layout(positions={stop: (2.0 * x, 0.0) for x, stop in enumerate(row)})
    scenes = (scene(network, Look(text=0.5, rows=1), layout=layout, seed=s) for s in range(20))
    made, stop = next(
        (made, stop)
        for made in scenes
        for stop, label in made.truth.labels.items()
        if (label.corners[1][1] - label.corners[0][1]) * turned > 1
    )
    (ax, ay), (bx, by), *_ = made.truth.labels[stop].corners
    picture = pixels(to_image(only(made, "label", stop), backend=backend))
    ys, xs = np.nonzero(np.abs(picture - 255).max(axis=2) > 60)
    along = ((xs + 0.5 - ax) * (bx - ax) + (ys + 0.5 - ay) * (by - ay)) / hypot(bx - ax, by - ay)
    across = ((ys + 0.5 - ay) * (bx - ax) - (xs + 0.5 - ax) * (by - ay)) / hypot(bx - ax, by - ay)
    wide, size = hypot(bx - ax, by - ay), made.truth.labels[stop].text_px
    assert -1 < along.min() < 4
    assert wide - 4 < along.max() < wide + 1
    assert -1 < across.min() < 3
    assert 0.7 * size < across.max() < 1.1 * size


@each_look
def test_the_box_of_a_station_is_that_of_its_marker(
    city: Drawing, backend: Backend, look: Look
) -> None:
    network, layout = city
    made = scene(network, look, layout=layout, size=SIZE)
    for stop in ("a", "c", "d"):
        station = made.truth.stations[stop]
        found = ink(only(made, "station", stop), backend)
        assert found == pytest.approx(station.bounds, abs=2.5), stop


@each_backend
def test_the_pixels_under_a_line_have_its_colour(city: Drawing, backend: Backend) -> None:
    network, layout = city
    made = scene(network, Look(text=0.3), layout=layout, size=SIZE)
    picture = pixels(to_image(made, backend=backend))
    hidden = [found.bounds for found in made.truth.stations.values()]
    for name, line in made.truth.lines.items():
        colour = np.array(ImageColor.getrgb(line.colour))
        seen = list(along(line.polylines[0], hidden))
        right = [np.abs(picture[y, x] - colour).max() <= 8 for x, y in seen]
        assert len(right) > 100
        assert sum(right) / len(right) > (0.97 if name == "Line 2" else 0.9)  # others lie under it


def along(
    path: tuple[tuple[float, float], ...], hidden: list[tuple[float, float, float, float]]
) -> list[tuple[int, int]]:
    """A pixel for each step along the path that no marker covers."""
    found: list[tuple[int, int]] = []
    for (ax, ay), (bx, by) in pairwise(path):
        steps = max(1, int(hypot(bx - ax, by - ay)))
        for step in range(steps):
            x, y = ax + (bx - ax) * step / steps, ay + (by - ay) * step / steps
            if not any(b[0] - 1 <= x <= b[2] + 1 and b[1] - 1 <= y <= b[3] + 1 for b in hidden):
                found.append((int(x), int(y)))
    return found


@each_backend
def test_the_box_of_a_badge_is_that_of_its_plate(city: Drawing, backend: Backend) -> None:
    network, layout = city
    made = scene(network, Look(text=0.3), layout=layout, size=SIZE)
    (_, box), *_ = made.truth.lines["Ring"].badges
    assert ink(only(made, "badge", "Ring"), backend) == pytest.approx(box, abs=1.5)


@pytest.mark.parametrize("legend", ["below", "right"])
def test_the_row_of_a_line_in_the_legend_holds_its_colour_and_no_other(
    city: Drawing, legend: Legend
) -> None:
    network, layout = city
    made = scene(network, Look(text=0.3, legend=legend), layout=layout, size=SIZE)
    picture = pixels(to_image(only(made, "legend", ""), backend="pillow"))
    colours = {
        name: np.array(ImageColor.getrgb(line.colour)) for name, line in made.truth.lines.items()
    }
    for name, line in made.truth.lines.items():
        assert line.legend is not None
        left, top, right, bottom = (round(value) for value in line.legend)
        row = picture[top:bottom, left:right]
        seen = {other for other, colour in colours.items() if (row == colour).all(axis=2).any()}
        assert seen == {name}
        ys, xs = np.nonzero(np.abs(row - 255).max(axis=2) > 60)
        assert xs.min() < 12
        assert ys.min() > 1
        assert ys.max() < bottom - top - 1


@each_backend
def test_another_width_is_the_same_picture_with_its_truth_scaled(
    city: Drawing, backend: Backend
) -> None:
    network, layout = city
    made = scene(network, Look(text=0.3), layout=layout, size=SIZE)
    large = to_image(made, width=2 * made.width, backend=backend)
    truth = made.truth.scaled(2 * made.width)
    assert large.size == (truth.width, truth.height)
    x, y = truth.stations["c"].centre
    assert np.abs(pixels(large)[int(y), int(x)] - 255).max() <= 8  # the marker's white middle
    small = large.resize((made.width, made.height), Image.Resampling.BOX)
    assert np.abs(pixels(small) - pixels(to_image(made, backend=backend))).mean() < 2


def test_the_rasterisers_agree(city: Drawing) -> None:
    network, layout = city
    made = scene(network, LOOKS["squares"], layout=layout, size=SIZE)
    first, second = (pixels(to_image(made, backend=name)) for name in ("resvg", "pillow"))
    assert np.abs(first - second).mean() < 1.5
    assert (np.abs(first - second).max(axis=2) > 90).mean() < 0.01


HASHES = {
    ("resvg", "resvg-py", "0.5.0"): "c888e08acf4e9ed9",
    ("pillow", "pillow", "13.0.0"): "fd001deda5c7bec9",
    ("skia", "skia-python", "144.1"): "31bb0a88f9d4c84b",
}


@pytest.mark.parametrize(("backend", "package", "known"), HASHES, ids=[key[0] for key in HASHES])
def test_a_rasteriser_of_this_version_gives_these_pixels(
    city: Drawing, backend: Backend, package: str, known: str
) -> None:
    if version(package) != known:
        pytest.skip(f"{package} is {version(package)}; the hash is that of {known}")
    network, layout = city
    made = scene(network, Look(text=0.3), layout=layout, size=SIZE, seed=7)
    digest = hashlib.sha256(to_image(made, backend=backend).tobytes()).hexdigest()[:16]
    assert digest == HASHES[backend, package, known]


@each_backend
def test_a_png_is_rgb_and_the_same_twice(city: Drawing, backend: Backend) -> None:
    network, layout = city
    made = scene(network, Look(text=0.3), layout=layout, size=SIZE)
    png = to_png(made, backend=backend)
    assert png == to_png(made, backend=backend)
    with Image.open(io.BytesIO(png)) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", (made.width, made.height))


@pytest.mark.parametrize(
    "noise",
    [
        Noise(blur=1.5),
        Noise(grain=12.0, seed=3),
        Noise(jpeg=30),
        Noise(jpeg=70, blur=1.0, grain=5.0, seed=2),
    ],
)
def test_noise_changes_pixels_and_not_the_map(city: Drawing, noise: Noise) -> None:
    network, layout = city
    made = scene(network, Look(text=0.3), layout=layout, size=SIZE)
    clean = pixels(to_image(made, backend="pillow"))
    dirty = pixels(to_image(replace(made, noise=noise), backend="pillow"))
    again = pixels(to_image(replace(made, noise=noise), backend="pillow"))
    assert (dirty == again).all()
    assert 0.05 < np.abs(clean - dirty).mean() < 20


def test_a_look_brings_its_noise_to_the_scene(city: Drawing) -> None:
    network, layout = city
    made = scene(network, Look(text=0.3, jpeg=60, blur=0.5, grain=4.0), layout=layout, seed=9)
    assert made.noise == Noise(jpeg=60, blur=0.5, grain=4.0, seed=9)


def test_an_unknown_backend_and_widths_beyond_all_bounds_are_refused(city: Drawing) -> None:
    network, layout = city
    made = scene(network, Look(text=0.3), layout=layout)
    unknown: Backend = "cairo"  # pyright: ignore[reportAssignmentType]
    with pytest.raises(RecordError, match="backend: found 'cairo', expected one of resvg, skia"):
        to_image(made, backend=unknown)
    for width in (0, -5, 29_999, 10**9):
        with pytest.raises(RecordError, match=f"width: found {width}, expected pixels from 1 to"):
            to_image(made, width=width)


@each_backend
@pytest.mark.parametrize("width", [1, 2, 7])
def test_the_smallest_pictures_are_drawn(city: Drawing, backend: Backend, width: int) -> None:
    network, layout = city
    made = scene(network, Look(text=0.3), layout=layout)
    assert to_image(made, width=width, backend=backend).size == (width, made.height_at(width))


def test_a_backend_that_is_not_installed_says_how_to_get_it(
    city: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, layout = city
    made = scene(network, Look(text=0.3), layout=layout)

    def missing(name: str) -> object:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(raster_skia, "import_module", missing)
    raster_skia._skia.cache_clear()  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(RecordError, match=r"rm-data\[fast\], or another backend"):
        to_image(made, backend="skia")
