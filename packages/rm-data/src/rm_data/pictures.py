"""Pictures of maps: found, measured without being decoded, and made small."""

from __future__ import annotations

import base64
import io
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError

from rm_rewards import RecordError

MOST_PIXELS: Final = 1_000_000_000
"""Published maps have up to 278 million pixels, far above Pillow's own limit."""

_Image = Image.Image


def picture_size(path: Path) -> tuple[int, int]:
    """(width, height) in pixels, from the head of the file alone.

    Raises:
        RecordError: If the file is missing or no picture.
    """
    with _opened(path) as picture:
        return picture.size


def data_uri(path: Path, most: int) -> str:
    """The picture as `data:image/png;base64,...`, its longer side reduced to `most` pixels.

    Raises:
        RecordError: If the file is missing or no picture.
    """
    small = small_picture(path, most)
    buffer = io.BytesIO()
    small.save(buffer, format="PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


def whole_picture(path: Path) -> _Image:
    """The picture in RGB and in its own size.

    Raises:
        RecordError: If the file is missing or no picture.
    """
    with _opened(path) as picture:
        return picture.convert("RGB")


def small_picture(path: Path, most: int) -> _Image:
    """The picture in RGB, its longer side reduced to `most` pixels.

    Raises:
        RecordError: If the file is missing or no picture.
    """
    with _opened(path) as picture:
        return _reduced(picture, most)


def _reduced(picture: _Image, most: int) -> _Image:
    """On white, since many maps are transparent; decoded, so that the file can be closed."""
    picture.load()
    clear = "transparency" in picture.info or picture.mode in {"RGBA", "LA", "PA"}
    mode = "RGBA" if clear else "RGB"
    small = picture if picture.mode == mode else picture.convert(mode)  # no copy of big pictures
    small.thumbnail((most, most), Image.Resampling.LANCZOS, reducing_gap=3.0)
    if not clear:
        return small
    paper = Image.new("RGBA", small.size, "white")
    return Image.alpha_composite(paper, small).convert("RGB")


@contextmanager
def _opened(path: Path) -> Generator[_Image]:
    """The picture, if it has no more than `MOST_PIXELS`; errors name the file."""
    if not path.exists():
        raise RecordError("figure", str(path), "a picture: the file is missing")
    if not path.is_file():  # a pipe or a device might never end
        raise RecordError("figure", str(path), "a readable picture (this is no file)")
    before = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(path) as picture:
            _refuse_size(picture, path)
            yield picture
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise RecordError("figure", str(path), f"a readable picture ({error})") from None
    finally:
        Image.MAX_IMAGE_PIXELS = before


def _refuse_size(picture: _Image, path: Path) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        size = f"{picture.width} x {picture.height}"
        expected = f"a readable picture of at most {MOST_PIXELS:,} pixels, not {size}"
        raise RecordError("figure", str(path), expected)
