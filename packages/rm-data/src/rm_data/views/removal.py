"""The picture of a map without one of its lines: what is looked at to see what an answer rests on.

Vad-R1 (arXiv 2505.19877) asks again without the evidence. A map is drawn anew where it is known how
it was drawn; where it is only known where its lines run, the line is painted over.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from PIL import Image, ImageDraw

from rm_data.draw import draw
from rm_data.picture import PixelTruth, load_truth, scene, to_image
from rm_data.picture.drawing import Drawing, load_drawing
from rm_data.views.files import small_style
from rm_data.views.lines import without_line
from rm_data.views.view import thinned
from rm_rewards import Network, RecordError

LineEraser: TypeAlias = Callable[[str], Image.Image]
"""Gives an RGB picture of the map without the line of that name."""

_WIDER: Final = 1.5
"""A line is painted over by so much more than its width: rims and smooth edges go, too."""
_SAMPLE: Final = (128, 128)


def line_eraser(network: Network, picture: Path) -> LineEraser:
    """What shows the map of a picture without a line.

    Looked for in this order: a map of `rm_data.generate`, which tells by its name how it was drawn;
    `<name>.drawing.json` beside the picture, from which it is drawn anew; `<name>.truth.json`, by
    which the line is painted over, with its badges and its row in the legend, and with markers and
    names of the stations that it alone serves. Stations that it alone serves are gone in any case.

    Args:
        network: Of the map.
        picture: The file of the map's picture.

    Raises:
        RecordError: If none of these is known, or a file does not suit the network.
        OSError: If a file cannot be read.
    """
    style = small_style(network)
    if style is not None:
        with Image.open(picture) as opened:
            return partial(_small, network, style, opened.width)
    drawing = picture.with_name(f"{picture.stem}.drawing.json")
    if drawing.is_file():
        return partial(_drawn, network, load_drawing(drawing), picture)
    truth = picture.with_name(f"{picture.stem}.truth.json")
    if not truth.is_file():
        expected = f"{drawing.name} or {truth.name} beside it, to show it without a line"
        raise RecordError("figure", str(picture), expected)
    found = load_truth(truth)
    for line in network.lines:
        if line.name not in found.lines:
            raise RecordError("lines", sorted(found.lines), f"{line.name!r}", where=str(truth))
    return partial(_painted_over, found, picture)


def _small(network: Network, style: str, size: int, line: str) -> Image.Image:
    number = int(network.city.rpartition("-")[2])
    return draw(without_line(network, line), style=style, size=size, seed=number)


def _drawn(network: Network, drawing: Drawing, picture: Path, line: str) -> Image.Image:
    rest = without_line(network, line)
    if not rest.lines:
        with Image.open(picture) as opened:
            return Image.new("RGB", opened.size, drawing.look.background)
    less = thinned(drawing, rest)
    made = scene(
        rest,
        less.look,
        layout=less.layout,
        size=less.size,
        seed=less.seed,
        scenery=less.scenery,
    )
    return to_image(made)


def _painted_over(truth: PixelTruth, picture: Path, line: str) -> Image.Image:
    with Image.open(picture) as opened:
        image = opened.convert("RGB")
    cover = _cover(truth.scaled(image.width), line, image.size)
    colours = image.resize(_SAMPLE, Image.Resampling.NEAREST).getcolors(_SAMPLE[0] * _SAMPLE[1])
    paper = max(colours or [(1, (255, 255, 255))], key=lambda found: found[0])[1]
    image.paste(paper, mask=cover)
    return image


def _cover(truth: PixelTruth, line: str, size: tuple[int, int]) -> Image.Image:
    """White where the line is and nothing else that has to stay."""
    cover = Image.new("L", size)
    brush = ImageDraw.Draw(cover)
    found = truth.lines[line]
    for path in found.polylines:
        brush.line(path, fill=255, width=round(found.width * _WIDER) + 2, joint="curve")
    alone = {stop for stop, station in truth.stations.items() if station.lines == (line,)}
    boxes = {stop: [station.bounds] for stop, station in truth.stations.items()}
    for stop, label in truth.labels.items():
        boxes[stop].append(label.bounds)
    for stop in sorted(boxes, key=alone.__contains__):  # those that go are painted last
        for box in boxes[stop]:
            brush.rectangle(box, fill=255 if stop in alone else 0)
    for box in (*(box for _, box in found.badges), *([found.legend] if found.legend else [])):
        brush.rectangle(box, fill=255)
    return cover
