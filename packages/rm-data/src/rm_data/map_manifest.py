"""`maps.json`: the list of maps that `rm-data maps` writes beside them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final

from rm_rewards.jsonl import parse

MANIFEST: Final = "maps.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRow:
    """What the manifest says about a map.

    Attributes:
        city: Its name.
        look: The style it is drawn in, which `mix` draws.
        lines, stations: Their numbers.
        width, height: Of the picture.
        text_px: Height of the text of station names in pixels; None where it is not known.
        crossings: Places where lines cross without a station.
        dropped, renamed: Stations that went, or got a shorter name, since theirs had no room.
        rejected: Attempts that led to no legible map, by what was wrong with them.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    city: str
    look: str
    lines: int
    stations: int
    width: int
    height: int
    text_px: float | None = None
    crossings: int = 0
    dropped: int = 0
    renamed: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True, kw_only=True)
class MapsMade:
    """What came out of an order.

    Attributes:
        maps: One row a map; empty where only the sums are wanted.
        kept: How many maps.
        rejected: How many attempts led to no legible map, by what was wrong with them.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True, "extra": "ignore"}

    maps: tuple[MapRow, ...] = ()
    kept: int
    rejected: Mapping[str, int]


def write_manifest(
    asked: Mapping[str, object], rows: Iterable[MapRow], path: Path, done: Callable[[int], object]
) -> MapsMade:
    """Write what was asked for, then one line a map as they come, then their sums; gives the sums.

    Rows are not kept in memory. `done` is called with 1 after each.
    """
    rejected: Counter[str] = Counter()
    kept = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(asked)[:-1] + ', "maps": [')
        for row in rows:
            file.write(("," if kept else "") + "\n" + json.dumps(asdict(row)))
            rejected.update(row.rejected)
            kept += 1
            done(1)
        sums = {"kept": kept, "rejected": dict(sorted(rejected.items()))}
        file.write("\n], " + json.dumps(sums)[1:] + "\n")
    return MapsMade(kept=kept, rejected=dict(sorted(rejected.items())))


def read_manifest(path: Path) -> MapsMade:
    """The manifest in its file.

    Raises:
        RecordError: Naming file, field, the value found and what was expected.
        OSError: If the file cannot be read.
    """
    return parse(MapsMade, path.read_bytes(), str(path))
