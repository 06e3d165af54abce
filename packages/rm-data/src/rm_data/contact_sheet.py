"""Many maps on one picture, to look at them side by side."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from rm_data.picture.fonts import font_path
from rm_data.pictures import small_picture
from rm_rewards import RecordError

_GAP: Final = 12
_CAPTION: Final = 22
_PAPER: Final = "#d9dcdf"
_INK: Final = "#222222"
_COLOURS: Final = 256
"""Of the palette: the file stays small enough for a repository, and lines keep their colours."""


def contact_sheet(pictures: Sequence[Path], *, columns: int = 3, side: int = 480) -> bytes:
    """A PNG file with the pictures in rows, each at most `side` pixels wide and high, and its name.

    Args:
        pictures: Files of pictures.
        columns: Pictures in a row.
        side: Pixels for the longer side of a picture.

    Raises:
        RecordError: If there is no picture, or one cannot be read.
    """
    if not pictures:
        raise RecordError("pictures", [], "at least one picture")
    small = [small_picture(path, side) for path in pictures]
    rows = [range(at, min(at + columns, len(small))) for at in range(0, len(small), columns)]
    heights = [max(small[at].height for at in row) + _CAPTION for row in rows]
    wide = min(columns, len(small)) * (side + _GAP) + _GAP
    sheet = Image.new("RGB", (wide, sum(heights) + _GAP * (len(rows) + 1)), _PAPER)
    top = _GAP
    for row, height in zip(rows, heights, strict=True):
        for column, at in enumerate(row):
            left = _GAP + column * (side + _GAP) + (side - small[at].width) // 2
            sheet.paste(small[at], (left, top + (height - _CAPTION - small[at].height) // 2))
            _caption(sheet, pictures[at].stem, left + small[at].width // 2, top + height - 10)
        top += height + _GAP
    return _png(sheet)


def _caption(sheet: Image.Image, text: str, x: int, y: int) -> None:

    font = ImageFont.truetype(str(font_path("sans")), 14)
    ImageDraw.Draw(sheet).text((x, y), text, fill=_INK, font=font, anchor="mm")


def _png(sheet: Image.Image) -> bytes:
    buffer = io.BytesIO()
    few = sheet.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
