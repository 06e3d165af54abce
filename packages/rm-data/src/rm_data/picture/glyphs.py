"""What a font file says about its characters: which it has, how wide they are, how high.

Read from the tables of the file itself (OpenType: `cmap`, `hmtx`, `loca`, `glyf`), in whole units
of the font, so that no rasteriser's rounding or hinting gets into a layout.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyph:
    """Units of the font: `advance` to the next glyph; ink from `low` to `high` above the base."""

    advance: int
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GlyphTable:
    """The characters of a font, by character; `units` of the font are one em."""

    units: int
    glyphs: Mapping[str, Glyph]


def read_glyphs(path: Path) -> GlyphTable:
    """The glyph table of a TrueType or OpenType font with a Unicode `cmap` of format 4.

    For outlines of the CFF kind, whose extents cannot be read without drawing them, every glyph has
    the extent of the ideographic em box.
    """
    data = path.read_bytes()
    count = struct.unpack_from(">H", data, 4)[0]
    tables: dict[bytes, int] = {}
    for entry in range(count):
        tag, _, offset, _ = struct.unpack_from(">4sIII", data, 12 + 16 * entry)
        tables[tag] = offset
    units: int = struct.unpack_from(">H", data, tables[b"head"] + 18)[0]
    characters = _characters(data, tables[b"cmap"])
    advances = _advances(data, tables)
    extents = _extents(data, tables) if b"glyf" in tables else {}
    box = (round(-0.12 * units), round(0.88 * units))
    return GlyphTable(
        units=units,
        glyphs={
            chr(code): Glyph(
                advance=advances[min(glyph, len(advances) - 1)],
                low=extents.get(glyph, box)[0],
                high=extents.get(glyph, box)[1],
            )
            for code, glyph in characters.items()
        },
    )


def _characters(data: bytes, cmap: int) -> dict[int, int]:
    """The glyph of each code point, from the first subtable of format 4."""
    for entry in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        start = cmap + struct.unpack_from(">I", data, cmap + 4 + 8 * entry + 4)[0]
        if struct.unpack_from(">H", data, start)[0] == 4:
            return _format_4(data, start)
    raise ValueError("cmap: found no table of format 4")


def _format_4(data: bytes, start: int) -> dict[int, int]:
    segments: int = struct.unpack_from(">H", data, start + 6)[0] // 2
    row = f">{segments}H"
    ends = struct.unpack_from(row, data, start + 14)
    firsts = struct.unpack_from(row, data, start + 16 + 2 * segments)
    deltas = struct.unpack_from(row, data, start + 16 + 4 * segments)
    ranges_at = start + 16 + 6 * segments
    ranges = struct.unpack_from(row, data, ranges_at)
    found: dict[int, int] = {}
    for place, (first, end) in enumerate(zip(firsts, ends, strict=True)):
        for code in range(first, min(end, 0xFFFE) + 1):
            glyph = code
            if ranges[place]:
                at = ranges_at + 2 * place + ranges[place] + 2 * (code - first)
                glyph = struct.unpack_from(">H", data, at)[0]
            glyph = (glyph + deltas[place]) & 0xFFFF if glyph else 0
            if glyph:
                found[code] = glyph
    return found


def _advances(data: bytes, tables: Mapping[bytes, int]) -> list[int]:
    """Of each glyph; glyphs after the last have its advance."""
    count: int = struct.unpack_from(">H", data, tables[b"hhea"] + 34)[0]
    return [wide for wide, _ in struct.iter_unpack(">Hh", _part(data, tables[b"hmtx"], 4 * count))]


def _extents(data: bytes, tables: Mapping[bytes, int]) -> dict[int, tuple[int, int]]:
    """Lowest and highest point of each glyph of the TrueType kind; (0, 0) for a blank."""
    glyphs: int = struct.unpack_from(">H", data, tables[b"maxp"] + 4)[0]
    long = struct.unpack_from(">h", data, tables[b"head"] + 50)[0] == 1
    size, factor = (4, 1) if long else (2, 2)
    row = f">{glyphs + 1}{'I' if long else 'H'}"
    places = struct.unpack(row, _part(data, tables[b"loca"], size * (glyphs + 1)))
    found: dict[int, tuple[int, int]] = {}
    for glyph in range(glyphs):
        if places[glyph] == places[glyph + 1]:
            found[glyph] = (0, 0)
            continue
        at = tables[b"glyf"] + factor * places[glyph]
        _, low, _, high = struct.unpack_from(">hhhh", data, at + 2)
        found[glyph] = (low, high)
    return found


def _part(data: bytes, start: int, length: int) -> bytes:
    return data[start : start + length]
