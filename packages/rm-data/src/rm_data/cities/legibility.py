"""How well an independent reader reads the names on a map: RapidOCR beside the pixel truth.

The reader gets the pixels alone, in tiles of about a thousand pixels, as it would reduce a larger
picture. Only afterwards are the pieces that it read compared with the truth: those whose middle
lies in the box of a name are joined row by row. White space does not count, for the reader leaves
most of it out; everything else does, case and accents too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import numpy as np

from rm_data.layout import Point
from rm_data.picture.truth import LabelTruth, PixelTruth, load_truth
from rm_data.pictures import whole_picture
from rm_rewards import RecordError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TILE: Final = 1024
_OVERLAP: Final = 320
"""Wider than nearly every name, so that each stands on one tile as a whole."""

Reader: TypeAlias = "Callable[[NDArray[np.uint8]], list[Piece]]"


@dataclass(frozen=True, slots=True)
class Piece:
    """A row of text that the reader found: its middle in pixels, and what it says."""

    middle: Point
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A name on the map, and what was read in its place."""

    station: str
    printed: str
    read: str

    @property
    def exact(self) -> bool:
        """Whether every character was read, white space apart."""
        return _solid(self.printed) == _solid(self.read)

    @property
    def but_for_accents(self) -> bool:
        """Whether it would be exact without accents."""
        return _bare(self.printed) == _bare(self.read)


def _solid(text: str) -> str:
    return "".join(text.split())


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFKD", _solid(text).replace("ø", "o").replace("Ø", "O"))
    return "".join(char for char in folded if not unicodedata.combining(char))


def read_map(picture: Path, truth: Path, reader: Reader | None = None) -> list[Reading]:
    """What the reader makes of every name on a map.

    Args:
        picture: The picture of the map.
        truth: Its truth, as `rm-data maps` writes it beside it.
        reader: Reads a tile; RapidOCR if None.

    Raises:
        RecordError: If a file is missing or broken, the picture has another size than its truth,
            or RapidOCR is not installed.
    """
    read = reader or rapid_ocr()
    found = load_truth(truth)
    pixels = np.asarray(whole_picture(picture), dtype=np.uint8)
    if pixels.shape[:2] != (found.height, found.width):
        size = f"{pixels.shape[1]} x {pixels.shape[0]}"
        raise RecordError(
            "figure", size, f"{found.width} x {found.height} as in {truth}", where=str(picture)
        )
    return _readings(found, pixels, read)


def _readings(truth: PixelTruth, pixels: NDArray[np.uint8], read: Reader) -> list[Reading]:
    tiles = list(_tiles(truth.width, truth.height))
    pieces = [
        [
            Piece((piece.middle[0] + left, piece.middle[1] + top), piece.text)
            for piece in read(pixels[top : top + _TILE, left : left + _TILE])
        ]
        for left, top in tiles
    ]
    return [
        Reading(stop, " ".join(label.rows), _joined(label, pieces[_tile_of(label, tiles)]))
        for stop, label in truth.labels.items()
    ]


def _tiles(width: int, height: int) -> Iterable[tuple[int, int]]:
    """The top left corners of tiles that cover the picture."""
    return ((left, top) for top in _starts(height) for left in _starts(width))


def _starts(length: int) -> list[int]:
    if length <= _TILE:
        return [0]
    return [*range(0, length - _TILE, _TILE - _OVERLAP), length - _TILE]


def _tile_of(label: LabelTruth, tiles: Sequence[tuple[int, int]]) -> int:
    """The tile in which a name is farthest from the border."""
    left, top, right, bottom = label.bounds

    def room(at: int) -> float:
        x, y = tiles[at]
        return min(left - x, top - y, x + _TILE - right, y + _TILE - bottom)

    return max(range(len(tiles)), key=room)


def _joined(label: LabelTruth, pieces: Sequence[Piece]) -> str:
    """The pieces in the box of a name, by row and then in reading direction."""
    start, along, _, down = label.corners
    wide, tall = _between(start, along), _between(start, down)
    inside: list[tuple[int, float, str]] = []
    for piece in pieces:
        offset = _between(start, piece.middle)
        across = _share(offset, wide)
        deep = _share(offset, tall)
        if -0.1 <= across <= 1.1 and -0.1 <= deep <= 1.1:
            inside.append((int(deep * len(label.rows)), across, piece.text))
    return " ".join(text for _, _, text in sorted(inside))


def _between(a: Point, b: Point) -> Point:
    return b[0] - a[0], b[1] - a[1]


def _share(offset: Point, side: Point) -> float:
    """How far along a side the offset lies, as a share of its length."""
    return (offset[0] * side[0] + offset[1] * side[1]) / (side[0] ** 2 + side[1] ** 2)


@cache
def rapid_ocr() -> Reader:
    """RapidOCR with the weights of its package, on one core.

    Raises:
        RecordError: If `rapidocr-onnxruntime` is not installed.
    """
    try:
        package = import_module("rapidocr_onnxruntime")
    except ImportError:
        raise RecordError(
            "legibility", "no rapidocr-onnxruntime", "the extra: pip install 'rm-data[legibility]'"
        ) from None
    engine: Any = package.RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)

    def read(pixels: NDArray[np.uint8]) -> list[Piece]:
        found, _ = engine(np.ascontiguousarray(pixels[:, :, ::-1]))
        rows = cast("list[tuple[list[Point], str, float]]", found or [])
        return [Piece(_middle(box), text) for box, text, _ in rows]

    return read


def _middle(box: Sequence[Point]) -> Point:
    return sum(x for x, _ in box) / len(box), sum(y for _, y in box) / len(box)
