from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from rm_eval import EvalError
from rm_eval.dataset import load_dataset
from rm_eval.pictures import blank_picture, check_pictures, open_picture, pictures_fingerprint

if TYPE_CHECKING:
    from conftest import Maps

LARGEST = Path(__file__).resolve().parents[3].parent / (
    "shared/reasonmap/maps/united_arab_emirates/dubai.png"
)


def _text(file: Path) -> None:
    file.write_text("no picture")


def _nothing(file: Path) -> None:
    file.write_bytes(b"")


def _huge(file: Path) -> None:
    """A small file whose header promises 15000 x 12000 pixels."""
    header = struct.pack(">IIBBBBB", 15_000, 12_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def _cut(file: Path) -> None:
    Image.effect_noise((300, 300), 50).save(file)
    file.write_bytes(file.read_bytes()[:20_000])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (Path.unlink, "No such file or directory"),
        (_text, "not a picture that can be read"),
        (_nothing, "not a picture that can be read"),
        (_cut, "not a picture that can be read"),
        (_huge, "too large, expected 178956970 pixels at most: "),
    ],
)
def test_a_picture_that_cannot_be_shown_is_named_before_the_run(
    maps: Maps, damage: Callable[[Path], object], said: str
) -> None:
    file = maps.write()
    broken = maps.folder / "maps" / "3.png"
    damage(broken)

    with pytest.raises(EvalError) as caught:
        check_pictures(load_dataset(file))

    assert str(caught.value).startswith(f"{file}: question 'q2': figure: {broken}: {said}")
    assert "\n" not in str(caught.value)
    assert " at 0x" not in str(caught.value)


def test_a_question_without_a_picture_is_refused(maps: Maps) -> None:
    file = maps.write([maps.row(0, 1), maps.row(1, 1, figure=None)])
    with pytest.raises(EvalError, match="question 'q1': figure: found None"):
        check_pictures(load_dataset(file))


def test_what_is_transparent_becomes_white(maps: Maps) -> None:
    file = maps.write()
    Image.new("RGBA", (56, 28), (10, 20, 30, 0)).save(maps.folder / "maps" / "1.png")
    shown = open_picture(check_pictures(load_dataset(file))["q0"])
    assert (shown.mode, shown.size, shown.getpixel((5, 5))) == ("RGB", (56, 28), (255, 255, 255))


def test_the_largest_published_map_can_be_shown(maps: Maps) -> None:
    if not LARGEST.is_file():
        pytest.skip(f"no published maps at {LARGEST}")
    file = maps.write([maps.row(0, 1, figure=str(LARGEST))])
    shown = check_pictures(load_dataset(file))["q0"]
    assert (shown.width, shown.height) == (9934, 14044)
    assert open_picture(shown).size == (9934, 14044)
    open_picture.cache_clear()


def test_a_blank_picture_has_the_size_and_nothing_else(maps: Maps) -> None:
    file = maps.write()
    Image.effect_noise((84, 56), 90).save(maps.folder / "maps" / "1.png")
    blank = blank_picture(check_pictures(load_dataset(file))["q0"])
    assert (blank.size, blank.getcolors()) == ((84, 56), [(84 * 56, (128, 128, 128))])


def test_the_fingerprint_changes_with_any_picture(maps: Maps) -> None:
    dataset = load_dataset(maps.write())
    before = pictures_fingerprint(check_pictures(dataset))
    Image.new("RGB", (56, 56), "white").save(maps.folder / "maps" / "4.png")
    assert pictures_fingerprint(check_pictures(dataset)) != before
