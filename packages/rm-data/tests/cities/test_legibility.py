from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest
from PIL import Image

from rm_data.cities.city import city
from rm_data.cities.legibility import Piece, Reading, read_map
from rm_data.picture.raster import to_png
from rm_data.picture.truth import LabelTruth, PixelTruth, dump_truth
from rm_rewards import RecordError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Pixels: TypeAlias = "NDArray[np.uint8]"


def written(
    folder: Path, number: int, lines: int, *, size: int | None = None
) -> tuple[Path, PixelTruth]:
    scene = city(number, lines=(lines, lines)).drawn(size)
    picture = folder / f"{number}.png"
    picture.write_bytes(to_png(scene))
    picture.with_suffix(".truth.json").write_text(dump_truth(scene.truth), encoding="utf-8")
    return picture, scene.truth


def rows_of(label: LabelTruth) -> list[Piece]:
    """What a perfect reader finds of a name."""
    start, along, _, down = label.corners
    pieces: list[Piece] = []
    for row, text in enumerate(label.rows):
        deep = (row + 0.5) / len(label.rows)
        x = start[0] + (along[0] - start[0]) / 2 + (down[0] - start[0]) * deep
        y = start[1] + (along[1] - start[1]) / 2 + (down[1] - start[1]) * deep
        pieces.append(Piece((x, y), text.replace(" ", "")))
    return pieces


def test_pieces_are_joined_by_row_and_given_to_the_name_they_stand_in(tmp_path: Path) -> None:
    picture, truth = written(tmp_path, 0, 2, size=900)  # one tile
    wrong, *_ = truth.labels

    def read(pixels: Pixels) -> list[Piece]:
        assert pixels.shape == (truth.height, truth.width, 3)
        right = [p for stop, label in truth.labels.items() if stop != wrong for p in rows_of(label)]
        return [*reversed(right), Piece((1.0, 1.0), "far from any name")]

    readings = read_map(picture, picture.with_suffix(".truth.json"), read)
    assert [reading.station for reading in readings if not reading.exact] == [wrong]
    assert {reading.station: reading.read for reading in readings}[wrong] == ""
    assert len(readings) == len(truth.stations)


@pytest.mark.parametrize(
    ("printed", "read", "exact", "but_for_accents"),
    [
        ("Old Mill", "OldMill", True, True),
        ("Old Mill", "Old MilI", False, False),
        ("Écluse Sud", "EcluseSud", False, True),
        ("Øverli", "Overli", False, True),
        ("OLD MILL", "Old Mill", False, False),
        ("文昌广场", "文昌广场", True, True),
    ],
)
def test_every_character_counts_but_white_space(
    printed: str, read: str, exact: bool, but_for_accents: bool
) -> None:
    reading = Reading("s", printed, read)
    assert reading.exact == exact
    assert reading.but_for_accents == but_for_accents


def test_a_picture_of_another_size_than_its_truth_is_refused(tmp_path: Path) -> None:
    picture, truth = written(tmp_path, 0, 2)
    Image.new("RGB", (50, 40)).save(picture)
    with pytest.raises(RecordError, match=f"figure: found '50 x 40', expected {truth.width} x"):
        read_map(picture, picture.with_suffix(".truth.json"), lambda _: [])
    with pytest.raises(OSError, match=r"none\.truth\.json"):
        read_map(picture, tmp_path / "none.truth.json", lambda _: [])


needs_the_reader = pytest.mark.skipif(
    find_spec("rapidocr_onnxruntime") is None,
    reason="rapidocr-onnxruntime is not installed (extra: legibility)",
)


@needs_the_reader
def test_an_independent_reader_reads_the_names_of_the_plain_style(tmp_path: Path) -> None:
    readings: list[Reading] = []
    for number, lines in ((2, 2), (3, 3)):
        picture, truth = written(tmp_path, number, lines)
        found = read_map(picture, picture.with_suffix(".truth.json"))
        assert [reading.station for reading in found] == list(truth.labels)
        readings += found
    assert sum(reading.exact for reading in readings) / len(readings) >= 0.93
