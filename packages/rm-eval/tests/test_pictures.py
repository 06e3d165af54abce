from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from rm_eval import EvalError
from rm_eval.dataset import load_dataset
from rm_eval.picture_file import MAX_BYTES, UNREADABLE, shows_the_same
from rm_eval.pictures import (
    blank_picture,
    check_pictures,
    open_picture,
    pictures_fingerprint,
    read_picture,
)

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


def _page(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf\n<!DOCTYPE html><html>404")


def _pointer(file: Path) -> None:
    file.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")


def _postscript(file: Path) -> None:
    """What Pillow would hand to another program."""
    file.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n%%EOF")


def _moving(file: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(file, format="GIF", save_all=True, append_images=frames[1:])


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def _endless(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.truncate(MAX_BYTES + 1)


def _cut(file: Path) -> None:
    Image.effect_noise((300, 300), 50).save(file)
    file.write_bytes(file.read_bytes()[:20_000])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (Path.unlink, "No such file or directory"),
        (_text, UNREADABLE),
        (_nothing, UNREADABLE),
        (_cut, UNREADABLE),
        (_page, f"{UNREADABLE}: it is a page of text, as a server sends for an error"),
        (_pointer, f"{UNREADABLE}: it is a pointer of Git LFS; run git lfs pull"),
        (_postscript, UNREADABLE),
        (_moving, "found several pictures in one file, expected one that does not move"),
        (_pipe, "found a pipe or a device, expected a file"),
        (_endless, "found 268435457 bytes, expected 268435456 at most"),
        (_huge, "found a picture that is too large, expected 178956970 pixels at most: "),
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


@pytest.mark.parametrize(
    ("picture", "form", "colour"),
    [
        (Image.new("CMYK", (8, 6), (0, 255, 255, 0)), "JPEG", (254, 0, 0)),
        (Image.new("LA", (8, 6), (10, 0)), "PNG", (255, 255, 255)),
        (Image.new("LA", (8, 6), (10, 255)), "PNG", (10, 10, 10)),
        (Image.new("1", (8, 6), 1), "PNG", (255, 255, 255)),
        (Image.new("P", (8, 6), 3), "GIF", (3, 3, 3)),
        (Image.new("I;16", (8, 6), 0x4020), "PNG", (0x40, 0x40, 0x40)),
        (Image.new("I;16", (8, 6), 0xFFFF), "TIFF", (255, 255, 255)),
        (Image.new("RGB", (8, 6), (9, 8, 7)), "BMP", (9, 8, 7)),
    ],
)
def test_pictures_of_every_kind_are_shown_in_their_colours(
    tmp_path: Path, picture: Image.Image, form: str, colour: tuple[int, int, int]
) -> None:
    if picture.mode == "P":
        picture.putpalette([level for one in range(256) for level in (one, one, one)])
    picture.save(tmp_path / "one", format=form)
    shown = read_picture(tmp_path / "one")
    found = shown.getpixel((5, 5))
    assert (shown.mode, shown.size) == ("RGB", (8, 6))
    assert isinstance(found, tuple)
    assert all(abs(a - b) <= 2 for a, b in zip(found, colour, strict=True)), found


def test_of_a_stereo_photo_the_first_picture_is_shown(tmp_path: Path) -> None:
    red, blue = (Image.new("RGB", (8, 6), colour) for colour in ("red", "blue"))
    red.save(tmp_path / "one.jpg", format="MPO", save_all=True, append_images=[blue])
    assert read_picture(tmp_path / "one.jpg").getpixel((5, 5)) == (254, 0, 0)


def test_pixels_of_32_bits_have_no_agreed_range(tmp_path: Path) -> None:
    for mode in ("I", "F"):
        Image.new(mode, (8, 6), 1).save(tmp_path / "one", format="TIFF")
        with pytest.raises(EvalError, match=r"one: found pixels of 32 bits, expected 8 or 16"):
            read_picture(tmp_path / "one")


def test_a_picture_stays_as_it_lies_in_the_file_whatever_the_camera_noted(tmp_path: Path) -> None:
    noted = Image.Exif()
    noted[0x0112] = 6  # turned to the right
    Image.new("RGB", (16, 8)).save(tmp_path / "one.jpg", exif=noted)
    assert read_picture(tmp_path / "one.jpg").size == (16, 8)


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


def _exif() -> Image.Exif:
    turned = Image.Exif()
    turned[0x0112] = 6
    return turned


@pytest.mark.parametrize(
    ("mode", "kind", "more", "same"),
    [
        ("RGB", "PNG", {}, True),
        ("RGB", "PNG", {"dpi": (72, 72)}, True),
        ("RGB", "PNG", {"transparency": (9, 9, 9)}, False),
        ("RGB", "PNG", {"exif": _exif()}, False),
        ("RGBA", "PNG", {}, False),
        ("L", "PNG", {}, False),
        ("P", "PNG", {}, False),
        ("I;16", "PNG", {}, False),
        ("RGB", "JPEG", {}, False),
        ("RGB", "WEBP", {"lossless": True}, False),
    ],
)
def test_a_file_goes_to_a_server_as_it_is_only_where_nothing_in_it_is_a_matter_of_taste(
    tmp_path: Path, mode: str, kind: str, more: dict[str, Any], *, same: bool
) -> None:
    file = tmp_path / "picture"
    drawn = Image.effect_noise((20, 14), 60).convert("RGB" if mode == "I;16" else mode)
    (Image.new("I;16", (20, 14), 700) if mode == "I;16" else drawn).save(file, kind, **more)
    assert shows_the_same(file.read_bytes()) is same
    if same:
        with Image.open(file) as opened:
            assert opened.mode == "RGB"
            assert opened.tobytes() == read_picture(file).tobytes()


@pytest.mark.parametrize("cut", [0, 10, 24, 25])
def test_what_is_no_whole_picture_goes_nowhere_as_it_is(tmp_path: Path, cut: int) -> None:
    Image.new("RGB", (20, 14)).save(tmp_path / "a.png")
    assert not shows_the_same((tmp_path / "a.png").read_bytes()[:cut])
