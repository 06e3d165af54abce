"""How well the names on a folder of maps are read, by style and number of lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rm_data.cities.legibility import Reader, Reading, read_map
from rm_data.map_manifest import MANIFEST, MapRow, read_manifest
from rm_rewards import RecordError

_BANDS: Final = ((5, "2-5"), (10, "6-10"), (20, "11-20"))
_OWN: Final = "own"
"""The style of maps without a manifest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Legibility:
    """What was read of the names on the maps of one style and about one size.

    Attributes:
        look: The style.
        lines: Range of the number of lines; `all` for the sum.
        maps, names: How many were read.
        exact: Names read exactly, white space apart.
        but_for_accents: Names read exactly but for accents.
    """

    look: str
    lines: str
    maps: int
    names: int
    exact: int
    but_for_accents: int

    @property
    def share(self) -> float:
        """Names read exactly, from 0 to 1."""
        return self.exact / max(1, self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRead:
    """A map and what was read on it."""

    path: Path
    look: str
    lines: int
    readings: tuple[Reading, ...]


def pictures_in(folder: Path, *, sample: int | None = None) -> list[Path]:
    """The pictures of a folder that have their truth beside them.

    Args:
        folder: With `<country>/<city>.png` and `<country>/<city>.truth.json`, as `rm-data maps`
            writes them.
        sample: This many only, spread evenly over the folder.

    Raises:
        RecordError: If there are none.
    """
    truths = sorted([*folder.glob("*.truth.json"), *folder.glob("*/*.truth.json")])
    found = [truth.with_name(truth.name.replace(".truth.json", ".png")) for truth in truths]
    if not found:
        raise RecordError("DIR", str(folder), "a folder of <country>/<city>.png and .truth.json")
    if sample is None or sample >= len(found):
        return found
    return [found[number * len(found) // sample] for number in range(sample)]


def read_maps(
    folder: Path, pictures: Iterable[Path], *, reader: Reader | None = None
) -> Iterator[MapRead]:
    """Reads maps, one after the other.

    Args:
        folder: With the manifest that says what the maps are.
        pictures: Of that folder.
        reader: As for `read_map`.

    Raises:
        RecordError: If a file is broken, or RapidOCR is not installed.
        OSError: If a file cannot be read.
    """
    rows = _rows(folder)
    for path in pictures:
        readings = tuple(read_map(path, path.with_suffix(".truth.json"), reader))
        row = rows.get(path.stem)
        yield MapRead(
            path=path,
            look=row.look if row else _OWN,
            lines=row.lines if row else 0,
            readings=readings,
        )


def _rows(folder: Path) -> dict[str, MapRow]:
    path = folder / MANIFEST
    return {row.city: row for row in read_manifest(path).maps} if path.is_file() else {}


def legibility(reads: Sequence[MapRead]) -> list[Legibility]:
    """One row for each style and range of lines, and one for each style as a whole."""
    looks = sorted({read.look for read in reads})
    rows: list[Legibility] = []
    for look in looks:
        mine = [read for read in reads if read.look == look]
        bands = sorted({_band(read) for read in mine})
        if len(bands) > 1:
            rows += [_row(look, band[1], [r for r in mine if _band(r) == band]) for band in bands]
        rows.append(_row(look, bands[0][1] if len(bands) == 1 else "all", mine))
    return rows


def _band(read: MapRead) -> tuple[int, str]:
    if not read.lines:
        return 0, "?"
    return next(band for band in _BANDS if read.lines <= band[0])


def _row(look: str, lines: str, reads: Sequence[MapRead]) -> Legibility:
    readings = [reading for read in reads for reading in read.readings]
    return Legibility(
        look=look,
        lines=lines,
        maps=len(reads),
        names=len(readings),
        exact=sum(reading.exact for reading in readings),
        but_for_accents=sum(reading.but_for_accents for reading in readings),
    )


_HEAD: Final = ("style", "lines", "maps", "names", "exact", "but for accents")
_COLUMNS: Final[tuple[Callable[[Legibility], str], ...]] = (
    lambda row: row.look,
    lambda row: row.lines,
    lambda row: str(row.maps),
    lambda row: str(row.names),
    lambda row: f"{row.share:.1%}",
    lambda row: f"{row.but_for_accents / max(1, row.names):.1%}",
)


def legibility_table(rows: Sequence[Legibility]) -> list[str]:
    """The rows as a table in Markdown."""
    cells = [_HEAD, *(tuple(column(row) for column in _COLUMNS) for row in rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(_HEAD))]
    lines = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return [lines[0], rule, *lines[1:]]
