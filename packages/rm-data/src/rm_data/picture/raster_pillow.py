"""The display list drawn with Pillow, much larger and reduced for smooth edges."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from math import ceil, fsum
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from rm_data.layout import Point
from rm_data.picture.corridors import direction
from rm_data.picture.fonts import advance_of, font_path
from rm_data.picture.overlap import ROOT
from rm_data.picture.shapes import Area, Box, Pill, Scene, Shape, Stroke, Text

_MOST: Final = 5000
_OVER: Final = (2, 4)
"""Drawn this many times larger, at least and at most, up to `_MOST` pixels wide."""


def draw_with_pillow(scene: Scene, width: int) -> Image.Image:
    """The scene as an RGB image of that width."""
    height = scene.height_at(width)
    over = max(_OVER[0], min(_OVER[1], _MOST // width))
    canvas = Image.new("RGB", (width * over, height * over), scene.background)
    brush = _Brush(canvas, over * width / scene.width)
    for shape in scene.shapes:
        brush.draw(shape)
    return canvas.reduce(over)


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
        """A box for each piece and a disc for each joint: Pillow's own lines are uneven."""
        points = self._points(shape.points)
        if shape.closed:
            points.append(points[0])
        half = shape.width * self._scale / 2
        for a, b in pairwise(points):
            ux, uy = direction(a, b)
            x, y = -uy * half, ux * half
            box = (
                (a[0] + x, a[1] + y),
                (b[0] + x, b[1] + y),
                (b[0] - x, b[1] - y),
                (a[0] - x, a[1] - y),
            )
            self._draw.polygon(box, fill=shape.colour)
        for point in points:
            self._disc(point, half, shape.colour)

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
        if shape.size * self._scale < 1:
            return  # less than a pixel even in the enlarged picture
        if shape.angle:
            self._turned(shape)
        else:
            self._row(self._draw, shape, self._points((shape.start,))[0], shape.colour)

    def _row(self, brush: ImageDraw.ImageDraw, shape: Text, start: Point, ink: str | int) -> None:
        """Letter by letter, since Pillow would round the advance of each to whole pixels."""
        x, y = start
        for (face, text), width in zip(shape.runs, shape.advances, strict=True):
            font = _font(face, shape.size * self._scale)
            at = x
            for letter in text:
                brush.text((at, y), letter, fill=ink, font=font, anchor="ls")
                at += advance_of(letter, face) * shape.size * self._scale
            x += width * self._scale

    def _turned(self, shape: Text) -> None:
        """The row drawn upright in a mask, turned about the middle of it, and put in its place."""
        x, y = self._points((shape.start,))[0]
        em = shape.size * self._scale
        wide, tall = ceil(fsum(shape.advances) * self._scale + 2 * em), ceil(3 * em)
        mask = Image.new("L", (wide, tall))
        self._row(ImageDraw.Draw(mask), shape, (em, 2 * em), 255)
        turned = mask.rotate(-shape.angle, resample=Image.Resampling.BICUBIC, expand=True)
        right, down = wide / 2 - em, tall / 2 - 2 * em
        sign = -1 if shape.angle < 0 else 1
        middle = (x + ROOT * (right - sign * down), y + ROOT * (sign * right + down))
        corner = (round(middle[0] - turned.width / 2), round(middle[1] - turned.height / 2))
        self._canvas.paste(shape.colour, corner, turned)


@cache
def _font(face: str, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_path(face), size, layout_engine=ImageFont.Layout.BASIC)
