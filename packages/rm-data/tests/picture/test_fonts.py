from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from rm_data.picture.fonts import FACES, advance_of, font_path, measure, missing_characters
from rm_rewards import RecordError


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    "text", ["Wagga", "Óbuda–Ács", "AVATAR fi", "Sørlandet 12", "人民广场", "Ж"]
)
def test_widths_are_those_of_another_reader_of_the_file(face: str, text: str) -> None:
    size = 2000
    for run, advance in zip(measure(text, face).runs, measure(text, face).advances, strict=True):
        font = ImageFont.truetype(font_path(run[0]), size, layout_engine=ImageFont.Layout.BASIC)
        assert font.getlength(run[1]) / size == pytest.approx(advance, abs=0.002)


@pytest.mark.parametrize("face", FACES)
def test_every_letter_has_the_width_that_another_reader_finds(face: str) -> None:
    units = 1000 if face == "han" else 2048
    font = ImageFont.truetype(font_path(face), units, layout_engine=ImageFont.Layout.BASIC)
    letters = [chr(code) for code in (*range(0x21, 0x250), *range(0x4E00, 0x9FA0, 7))]
    own = [letter for letter in letters if measure_face(letter, face) == face]
    assert len(own) > 400
    widths = [(font.getlength(letter), advance_of(letter, face) * units) for letter in own]
    wrong = [c for c, (one, two) in zip(own, widths, strict=True) if abs(one - two) > 1.5]
    assert wrong == []


def measure_face(letter: str, face: str) -> str:
    if missing_characters(letter) or letter.isspace():
        return ""
    ((found, _),) = measure(letter, face).runs
    return found


@pytest.mark.parametrize("face", [face for face in FACES if face != "han"])
@pytest.mark.parametrize("text", ["gjpqy", "ÉÅ", "Ağ", "xX", "Ớ", "ß-'"])
def test_the_height_of_a_row_holds_its_ink(face: str, text: str) -> None:
    row = measure(text, face)
    font = ImageFont.truetype(font_path(face), 1000, layout_engine=ImageFont.Layout.BASIC)
    _, top, _, bottom = font.getbbox(text, anchor="ls")
    assert -top / 1000 <= row.above + 0.002
    assert bottom / 1000 <= row.below + 0.002


def test_chinese_characters_take_their_own_face_within_a_row() -> None:
    row = measure("Line 2号线 West", "serif")
    assert row.runs == (("serif", "Line 2"), ("han", "号线"), ("serif", " West"))
    assert sum(row.advances) == pytest.approx(row.width)


def test_letters_are_composed_and_blanks_collapsed() -> None:
    assert measure("  Zu\u0308rich \n HB ", "sans") == measure("Zürich HB", "sans")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Park \N{GRINNING FACE}", "U+1F600 GRINNING FACE"),
        ("\N{HEBREW LETTER ALEF}\N{HEBREW LETTER BET}", "U+05D0 HEBREW LETTER ALEF"),
        ("\N{ARABIC LETTER MEEM}", "U+0645 ARABIC LETTER MEEM"),
        ("a\u0000b", "U+0000 without a name"),
        ("a\N{RIGHT-TO-LEFT OVERRIDE}b", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("x\N{COMBINING ENCLOSING CIRCLE}", "U+20DD COMBINING ENCLOSING CIRCLE"),
    ],
)
def test_a_character_without_a_glyph_is_named(name: str, told: str) -> None:
    assert missing_characters(name)
    with pytest.raises(RecordError, match=told.replace("+", r"\+")):
        measure(name, "sans")


@given(st.text(max_size=12))
def test_every_text_is_measured_or_refused_for_a_missing_character(text: str) -> None:
    if missing_characters(text):
        return
    for face in FACES:
        if face != "han":
            assert measure(text, face).width >= 0


def test_all_published_station_names_can_be_drawn(station_lists: Path) -> None:
    files = sorted(station_lists.glob("*/*.json"))
    assert files
    for file in files:
        assert missing_characters(" ".join(_names(file))) == "", file


def _names(file: Path) -> list[str]:
    lists: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8"))
    return [name for line, stops in lists.items() for name in [line, *stops]]


def test_the_fonts_ship_with_their_licences_in_less_than_three_megabytes() -> None:
    folder = font_path("sans").parent
    assert sum(file.stat().st_size for file in folder.iterdir()) < 3_000_000
    assert "Bitstream Vera" in (folder / "LICENSE-DejaVu.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE" in (folder / "LICENSE-Noto.txt").read_text(encoding="utf-8")
