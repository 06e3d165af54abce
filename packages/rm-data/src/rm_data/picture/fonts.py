"""The fonts of the pictures: what they can write, and how much room it takes.

They ship with the package (see `fonts/README.md`), so that a picture is drawn with the very file
that its labels were measured with.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import fsum
from pathlib import Path
from typing import Final

from rm_data.picture.glyphs import Glyph, GlyphTable, read_glyphs
from rm_rewards import RecordError

HAN: Final = "han"
"""The face of Chinese and Japanese characters, whatever face the label asks for."""

FACES: Final = {
    "sans": ("map-sans.ttf", "Map Sans"),
    "sans-bold": ("map-sans-bold.ttf", "Map Sans Bold"),
    "sans-wide": ("map-sans-wide.ttf", "Map Sans Wide"),
    "serif": ("map-serif.ttf", "Map Serif"),
    HAN: ("map-han.otf", "Map Han"),
}
"""File and family name of each face."""

CAPITAL: Final = 0.73
"""Height of a capital letter in em; rows are centred on half of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A measured row of text, for a font of 1 em.

    Attributes:
        runs: (face, text) pieces, each of one face.
        advances: The width of each piece.
        width: Their sum.
        above, below: How far the ink reaches above and below the base line, at least a capital's
            height and 0.
    """

    runs: tuple[tuple[str, str], ...]
    advances: tuple[float, ...]
    width: float
    above: float
    below: float


def font_path(face: str) -> Path:
    """The file of the face."""
    return Path(str(files("rm_data.picture") / "fonts" / FACES[face][0]))


def missing_characters(text: str) -> str:
    """The characters of the text that no face has, each once, in order."""
    sans, han = _table("sans").glyphs, _table(HAN).glyphs
    return "".join(dict.fromkeys(c for c in _clean(text) if c not in sans and c not in han))


@cache
def measure(text: str, face: str) -> Row:
    """The text in one row, white space collapsed, characters composed (Unicode NFC).

    Raises:
        RecordError: If a character is in no font, with its name.
    """
    runs: list[tuple[str, str]] = []
    advances: list[float] = []
    above, below = CAPITAL, 0.0
    for character in _clean(text):
        chosen, glyph, units = _glyph(character, face, text)
        above, below = max(above, glyph.high / units), max(below, -glyph.low / units)
        if runs and runs[-1][0] == chosen:
            runs[-1] = (chosen, runs[-1][1] + character)
            advances[-1] += glyph.advance / units
        else:
            runs.append((chosen, character))
            advances.append(glyph.advance / units)
    return Row(
        runs=tuple(runs), advances=tuple(advances), width=fsum(advances), above=above, below=below
    )


def advance_of(letter: str, face: str) -> float:
    """From one letter to the next, in em, for a letter that the face has."""
    table = _table(face)
    return table.glyphs[letter].advance / table.units


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _glyph(character: str, face: str, text: str) -> tuple[str, Glyph, int]:
    for chosen in (face, HAN, "sans"):
        table = _table(chosen)
        if character in table.glyphs:
            return chosen, table.glyphs[character], table.units
    name = unicodedata.name(character, "without a name")
    found = f"U+{ord(character):04X} {name} in {text[:40]!r}"
    raise RecordError("name", found, "characters that the shipped fonts can draw")


@cache
def _table(face: str) -> GlyphTable:
    return read_glyphs(font_path(face))
