"""A scene as SVG: canonical bytes, and readable to a screen reader.

Every line, station and badge is a group with a title; ids are `line-1`, `station-1`, ... in the
order of drawing. Numbers have at most two decimals, attributes a fixed order.
"""

from __future__ import annotations

import base64
from collections import Counter
from typing import Final
from xml.sax.saxutils import escape

from rm_data.layout import Point
from rm_data.picture.fonts import FACES, font_path
from rm_data.picture.shapes import Area, Box, Group, Pill, Scene, Shape, Stroke, Text

_FALLBACK: Final = {
    "sans": "'DejaVu Sans Condensed', sans-serif",
    "sans-bold": "'DejaVu Sans Condensed', sans-serif",
    "sans-wide": "'DejaVu Sans', sans-serif",
    "serif": "'DejaVu Serif Condensed', serif",
    "han": "'Noto Sans CJK SC', sans-serif",
}
"""What a viewer without the shipped fonts may take; rasterisers here have them."""


def to_svg(scene: Scene, *, embed_fonts: bool = False) -> str:
    """The scene as an SVG document; the same scene always gives the same text.

    Args:
        scene: What is drawn.
        embed_fonts: Whether the fonts come along in the file, so that a browser draws the very
            letters that were measured: 0.1 MB for each Latin face, 2.8 MB for Chinese.
    """
    size = f'width="{scene.width}" height="{scene.height}"'
    lines = ", ".join(scene.truth.lines)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {scene.width} {scene.height}" role="img" aria-labelledby="title desc">',
        f'<title id="title">{_words(scene.title or "Transit map")}</title>',
        f'<desc id="desc">{_words(f"Transit map with {_counted(scene)}: {lines}")}</desc>',
        *(_embedded(scene) if embed_fonts else ()),
        f'<rect width="{scene.width}" height="{scene.height}" fill="{scene.background}"/>',
    ]
    numbers: Counter[str] = Counter()
    for group in scene.groups:
        numbers[group.kind] += 1
        parts += _group(group, f"{group.kind}-{numbers[group.kind]}")
    return "\n".join([*parts, "</svg>", ""])


def _embedded(scene: Scene) -> list[str]:
    texts = (shape for shape in scene.shapes if isinstance(shape, Text))
    used = {face for text in texts for face, _ in text.runs}
    rules = [
        f"@font-face{{font-family:'{FACES[face][1]}';src:url(data:font/otf;base64,{_base64(face)})}}"
        for face in FACES
        if face in used
    ]
    return ["<style>", *rules, "</style>"]


def _base64(face: str) -> str:
    return base64.b64encode(font_path(face).read_bytes()).decode("ascii")


def _counted(scene: Scene) -> str:
    stations, lines = len(scene.truth.stations), len(scene.truth.lines)
    return f"{stations} station{_s(stations)} and {lines} line{_s(lines)}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _group(group: Group, name: str) -> list[str]:
    if not group.title:
        return [f'<g id="{name}" aria-hidden="true">', *map(_shape, group.shapes), "</g>"]
    title = f"<title>{_words(group.title)}</title>"
    return [f'<g id="{name}" role="img">{title}', *map(_shape, group.shapes), "</g>"]


def _shape(shape: Shape) -> str:
    match shape:
        case Stroke():
            return _stroke(shape)
        case Area():
            return f'<polygon points="{_points(shape.points)}" fill="{shape.colour}"/>'
        case Pill():
            return _pill(shape)
        case Box():
            return _box(shape)
        case Text():
            return _text(shape)


def _stroke(shape: Stroke) -> str:
    kind = "polygon" if shape.closed else "polyline"
    return (
        f'<{kind} points="{_points(shape.points)}" fill="none" stroke="{shape.colour}" '
        f'stroke-width="{_number(shape.width)}" stroke-linecap="round" stroke-linejoin="round"/>'
    )


def _pill(shape: Pill) -> str:
    inner = max(0.0, shape.radius - shape.rim_width / 2)
    if shape.a == shape.b:
        rim = f' stroke="{shape.rim}" stroke-width="{_number(shape.rim_width)}"'
        return (
            f'<circle cx="{_number(shape.a[0])}" cy="{_number(shape.a[1])}" r="{_number(inner)}" '
            f'fill="{shape.fill}"{rim if shape.rim_width else ""}/>'
        )
    outer = Stroke(
        points=(shape.a, shape.b), width=2 * shape.radius, colour=shape.rim or shape.fill
    )
    if not shape.rim_width:
        return _stroke(outer)
    inside = 2 * max(0.0, shape.radius - shape.rim_width)
    return _stroke(outer) + _stroke(
        Stroke(points=(shape.a, shape.b), width=inside, colour=shape.fill)
    )


def _box(shape: Box) -> str:
    half = shape.rim_width / 2
    left, top, right, bottom = shape.bounds
    rim = f' stroke="{shape.rim}" stroke-width="{_number(shape.rim_width)}"'
    return (
        f'<rect x="{_number(left + half)}" y="{_number(top + half)}" '
        f'width="{_number(right - left - 2 * half)}" '
        f'height="{_number(bottom - top - 2 * half)}" rx="{_number(shape.radius)}" '
        f'fill="{shape.fill}"{rim if shape.rim_width else ""}/>'
    )


def _text(shape: Text) -> str:
    x, y = _number(shape.start[0]), _number(shape.start[1])
    turn = f' transform="rotate({shape.angle} {x} {y})"' if shape.angle else ""
    runs = [
        (face, text, advance)
        for (face, text), advance in zip(shape.runs, shape.advances, strict=True)
    ]
    if len(runs) == 1:
        return f"<text{_written(shape, x, y, runs[0][0])}{turn}>{_words(runs[0][1])}</text>"
    at = shape.start[0]
    spans: list[str] = []
    for face, text, advance in runs:
        spans.append(
            f'<tspan x="{_number(at)}" font-family="{_family(face)}">{_words(text)}</tspan>'
        )
        at += advance
    face = runs[0][0] if runs else "sans"
    return f"<text{_written(shape, x, y, face)}{turn}>{''.join(spans)}</text>"


def _written(shape: Text, x: str, y: str, face: str) -> str:
    return (
        f' x="{x}" y="{y}" font-family="{_family(face)}" font-size="{_number(shape.size)}" '
        f'fill="{shape.colour}" xml:space="preserve"'
    )


def _family(face: str) -> str:
    return f"'{FACES[face][1]}', {_FALLBACK[face]}"


def _points(points: tuple[Point, ...]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _number(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _words(text: str) -> str:
    """Escaped, and without the control characters that XML does not allow."""
    return escape("".join(c for c in text if c >= " " and c not in "\ufffe\uffff"))
