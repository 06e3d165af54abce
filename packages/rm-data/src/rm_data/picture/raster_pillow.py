"""The display list drawn with Pillow, at twice the size and reduced for smooth edges."""

from __future__ import annotations

from functools import cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from rm_data.layout import Point
from rm_data.picture.fonts import font_path
from rm_data.picture.shapes import Area, Box, Pill, Scene, Shape, Stroke, Text

_OVER: Final = 2


def draw_with_pillow(scene: Scene, width: int) -> Image.Image:
    """The scene as an RGB image of that width."""
    height = max(1, round(scene.height * width / scene.width))
    canvas = Image.new("RGB", (width * _OVER, height * _OVER), scene.background)
    brush = _Brush(canvas, _OVER * width / scene.width)
    for shape in scene.shapes:
        brush.draw(shape)
    return canvas.reduce(_OVER)


class _Brush:
    def __init__(self, canvas: Image.Image, scale: float) -> None:
        self._canvas = canvas
        self._draw = ImageDraw.Draw(canvas)
        self._scale = scale

    def draw(self, shape: Shape) -> None:
        match shape:
            case Stroke():
                self._stroke(shape)
            case Area():
                self._draw.polygon(self._points(shape.points), fill=shape.colour)
            case Pill():
                self._pill(shape)
            case Box():
                self._box(shape)
            case Text():
                self._text(shape)

    def _points(self, points: tuple[Point, ...]) -> list[Point]:
        return [(x * self._scale, y * self._scale) for x, y in points]

    def _stroke(self, shape: Stroke) -> None:
        points = self._points(shape.points)
        if shape.closed:
            points.append(points[0])
        width = max(1, round(shape.width * self._scale))
        self._draw.line(points, fill=shape.colour, width=width, joint="curve")
        for point in (points[0], points[-1]):
            self._disc(point, width / 2, shape.colour)

    def _disc(self, at: Point, radius: float, colour: str) -> None:
        x, y = at
        self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)

    def _pill(self, shape: Pill) -> None:
        radii = [(shape.radius, shape.rim or shape.fill)]
        if shape.rim_width:
            radii.append((shape.radius - shape.rim_width, shape.fill))
        for radius, colour in radii:
            if shape.a == shape.b:
                self._disc(self._points((shape.a,))[0], radius * self._scale, colour)
            else:
                self._stroke(Stroke(points=(shape.a, shape.b), width=2 * radius, colour=colour))

    def _box(self, shape: Box) -> None:
        left, top, right, bottom = (value * self._scale for value in shape.bounds)
        self._draw.rounded_rectangle(
            (left, top, right, bottom),
            radius=shape.radius * self._scale,
            fill=shape.fill,
            outline=shape.rim or None,
            width=round(shape.rim_width * self._scale),
        )

    def _text(self, shape: Text) -> None:
        x, y = self._points((shape.start,))[0]
        if shape.angle:
            self._turned(shape, (x, y))
            return
        for (face, text), advance in zip(shape.runs, shape.advances, strict=True):
            font = _font(face, shape.size * self._scale)
            self._draw.text((x, y), text, fill=shape.colour, font=font, anchor="ls")
            x += advance * self._scale

    def _turned(self, shape: Text, at: Point) -> None:
        """The row drawn upright about the middle of a mask, and turned there."""
        size = shape.size * self._scale
        half = round(sum(shape.advances) * self._scale + 2 * size)
        mask = Image.new("L", (2 * half, 2 * half))
        brush = ImageDraw.Draw(mask)
        x, y = at
        along = half + x % 1
        for (face, text), advance in zip(shape.runs, shape.advances, strict=True):
            font = _font(face, size)
            brush.text((along, half + y % 1), text, fill=255, font=font, anchor="ls")
            along += advance * self._scale
        turned = mask.rotate(-shape.angle, resample=Image.Resampling.BICUBIC)
        self._canvas.paste(shape.colour, (int(x) - half, int(y) - half), turned)


@cache
def _font(face: str, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_path(face), size, layout_engine=ImageFont.Layout.BASIC)
