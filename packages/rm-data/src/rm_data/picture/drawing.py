"""How a map was drawn, as a file beside it: `<city>.drawing.json` is enough to draw it again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from rm_data.layout import Layout, Point
from rm_data.picture.look import Look
from rm_data.picture.scenery import Scenery
from rm_rewards.jsonl import dump, parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Bend:
    """The points that the track from one neighbour to the other passes."""

    start: str
    end: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Everything that `scene` needs beside the network: layout, look, scenery, size and seed."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    look: Look
    positions: dict[str, Point]
    bends: tuple[Bend, ...] = ()
    scenery: tuple[Scenery, ...] = ()
    size: int | None = None
    seed: int = 0

    @property
    def layout(self) -> Layout:
        """Where the stations lie."""
        bends = {(bend.start, bend.end): bend.points for bend in self.bends}
        return Layout(positions=self.positions, bends=bends)


def drawing_of(
    layout: Layout,
    look: Look,
    *,
    scenery: tuple[Scenery, ...] = (),
    size: int | None = None,
    seed: int = 0,
) -> Drawing:
    """The drawing of a map; the arguments are those of `scene`."""
    bends = tuple(Bend(start=a, end=b, points=p) for (a, b), p in layout.bends.items())
    return Drawing(
        look=look,
        positions=dict(layout.positions),
        bends=bends,
        scenery=scenery,
        size=size,
        seed=seed,
    )


def dump_drawing(drawing: Drawing) -> str:
    """The drawing as one line of JSON."""
    return dump(drawing)


def load_drawing(path: Path) -> Drawing:
    """The drawing of a file.

    Raises:
        RecordError: Naming file, field, value and what was expected.
        OSError: If the file cannot be read.
    """
    return parse(Drawing, path.read_bytes(), str(path))
