"""The display list drawn with Skia: the fast rasteriser, of the extra `fast`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, Final

import numpy as np
from PIL import Image

from rm_data.picture.fonts import advance_of, font_path
from rm_data.picture.shapes import Area, Box, Pill, Scene, Shape, Stroke, Text
from rm_rewards import RecordError

_EM: Final = 1000.0


def draw_with_skia(scene: Scene, width: int) -> Image.Image:
    """The scene as an RGB image of that width.

    Raises:
        RecordError: If Skia cannot be loaded.
    """
    skia = _skia()
    height = scene.height_at(width)
    pixels = np.zeros((height, width, 4), dtype=np.uint8)
    surface = skia.Surface(pixels, colorType=skia.kRGBA_8888_ColorType)
    with surface as canvas:
        canvas.clear(_colour(scene.background))
        canvas.scale(width / scene.width, width / scene.width)
        for shape in scene.shapes:
            _draw(skia, canvas, shape)
    surface.flushAndSubmit()
    return Image.fromarray(pixels[:, :, :3])


@cache
def _skia() -> Any:  # noqa: ANN401 - Skia has no types
    try:
        return import_module("skia")
    except ImportError as error:
        expected = f"rm-data[fast], or another backend: skia cannot be loaded ({error})"
        raise RecordError("backend", "skia", expected) from None


@cache
def _colour(colour: str) -> int:
    return 0xFF000000 | int(colour[1:], 16)


def _draw(skia: Any, canvas: Any, shape: Shape) -> None:  # noqa: ANN401 - Skia has no types
    match shape:
        case Stroke():
            canvas.drawPath(_path(skia, shape), _pen(skia, shape.colour, shape.width))
        case Area():
            path = skia.Path().addPoly([skia.Point(*p) for p in shape.points], close=True)
            canvas.drawPath(path, _pen(skia, shape.colour))
        case Pill():
            _pill(skia, canvas, shape)
        case Box():
            _box(skia, canvas, shape)
        case Text():
            _text(skia, canvas, shape)


def _path(skia: Any, shape: Stroke) -> Any:  # noqa: ANN401 - Skia has no types
    return skia.Path().addPoly([skia.Point(*p) for p in shape.points], close=shape.closed)


def _pen(skia: Any, colour: str, width: float = 0.0) -> Any:  # noqa: ANN401 - Skia has no types
    return skia.Paint(
        AntiAlias=True,
        Color=_colour(colour),
        Style=skia.Paint.kStroke_Style if width else skia.Paint.kFill_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
    )


def _pill(skia: Any, canvas: Any, shape: Pill) -> None:  # noqa: ANN401 - Skia has no types
    radii = [(shape.radius, shape.rim or shape.fill)]
    if shape.rim_width:
        radii.append((shape.radius - shape.rim_width, shape.fill))
    for radius, colour in radii:
        if shape.a == shape.b:
            canvas.drawCircle(*shape.a, radius, _pen(skia, colour))
        else:
            canvas.drawLine(*shape.a, *shape.b, _pen(skia, colour, 2 * radius))


def _box(skia: Any, canvas: Any, shape: Box) -> None:  # noqa: ANN401 - Skia has no types
    rect = skia.Rect(*shape.bounds)
    canvas.drawRoundRect(rect, shape.radius, shape.radius, _pen(skia, shape.rim or shape.fill))
    if shape.rim_width:
        rect.inset(shape.rim_width, shape.rim_width)
        canvas.drawRoundRect(rect, shape.radius, shape.radius, _pen(skia, shape.fill))


def _text(skia: Any, canvas: Any, shape: Text) -> None:  # noqa: ANN401 - Skia has no types
    """As outlines: Skia would lighten small text that it draws as text."""
    pen = _pen(skia, shape.colour)
    canvas.save()
    canvas.translate(*shape.start)
    canvas.rotate(shape.angle)
    for (face, text), advance in zip(shape.runs, shape.advances, strict=True):
        canvas.save()
        canvas.scale(shape.size / _EM, shape.size / _EM)
        for letter in text:
            canvas.drawPath(_outline(letter, face), pen)
            canvas.translate(advance_of(letter, face) * _EM, 0.0)
        canvas.restore()
        canvas.translate(advance, 0.0)
    canvas.restore()


@cache
def _outline(letter: str, face: str) -> Any:  # noqa: ANN401 - Skia has no types
    """The outline of a letter, `_EM` high."""
    skia = _skia()
    font = skia.Font(_typeface(face), _EM)
    font.setHinting(skia.FontHinting.kNone)
    return font.getPath(font.textToGlyphs(letter)[0])


@cache
def _typeface(face: str) -> Any:  # noqa: ANN401 - Skia has no types
    return _skia().Typeface.MakeFromFile(str(font_path(face)))
