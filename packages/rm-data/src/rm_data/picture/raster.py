"""A scene as pixels: by one of three rasterisers that draw the same display list.

- `resvg` draws the SVG. A wheel without system libraries; the same bytes on every machine.
- `skia` (extra `fast`) is about ten times faster; it needs libGL, libEGL and fontconfig.
- `pillow` needs nothing that the package does not need anyway; drawn larger and reduced.
"""

from __future__ import annotations

import io
from typing import Final, Literal, TypeAlias, get_args

from PIL import Image

from rm_data.picture.fonts import FACES, font_path
from rm_data.picture.noise import noisy
from rm_data.picture.page import MOST_PIXELS
from rm_data.picture.raster_pillow import draw_with_pillow
from rm_data.picture.raster_skia import draw_with_skia
from rm_data.picture.shapes import Scene
from rm_data.picture.svg import to_svg
from rm_rewards import RecordError

Backend: TypeAlias = Literal["resvg", "skia", "pillow"]
BACKENDS: Final[tuple[Backend, ...]] = get_args(Backend)
_COMPRESSION: Final = 3
_MOST_AREA: Final = 178_000_000
"""What Pillow opens as no bomb: nobody reads a larger picture without asking for it."""


def to_png(scene: Scene, *, width: int | None = None, backend: Backend = "resvg") -> bytes:
    """The scene as a PNG file, RGB.

    Args:
        scene: With its noise.
        width: In pixels; None for the scene's own. The truth of that picture is
            `scene.truth.scaled(width)`.
        backend: Who rasterises; the same backend gives the same bytes.

    Raises:
        RecordError: For an unknown backend or one that is not installed, or an unusable width.
    """
    image = to_image(scene, width=width, backend=backend)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=_COMPRESSION)
    return buffer.getvalue()


def to_image(scene: Scene, *, width: int | None = None, backend: Backend = "resvg") -> Image.Image:
    """The scene as an RGB image; arguments and errors as for `to_png`."""
    wide = scene.width if width is None else width
    if not (0 < wide <= MOST_PIXELS and wide * scene.height_at(wide) <= _MOST_AREA):
        expected = f"pixels from 1 to {MOST_PIXELS}, and at most {_MOST_AREA:,} in all"
        raise RecordError("width", wide, expected)
    return noisy(_drawn(scene, wide, backend), scene.noise)


def _drawn(scene: Scene, width: int, backend: Backend) -> Image.Image:
    if backend == "resvg":
        return _by_resvg(scene, width)
    if backend == "pillow":
        return draw_with_pillow(scene, width)
    if backend == "skia":
        return draw_with_skia(scene, width)
    raise RecordError("backend", backend, f"one of {', '.join(BACKENDS)}")


def _by_resvg(scene: Scene, width: int) -> Image.Image:
    import resvg_py  # noqa: PLC0415 - 4 MB of it, for those who draw

    height = scene.height_at(width)
    png = resvg_py.svg_to_bytes(
        svg_string=to_svg(scene),
        width=width,
        height=height,
        skip_system_fonts=True,
        font_files=[str(font_path(face)) for face in FACES],
    )
    with Image.open(io.BytesIO(png)) as image:
        return image.convert("RGB").crop((0, 0, width, height))  # it rounds up
