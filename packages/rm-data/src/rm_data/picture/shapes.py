"""The display list: what a picture consists of, in drawing order, in pixels.

Few shapes, so that every rasteriser draws all of them alike. x is to the right, y down. All floats
are rounded to a hundredth of a pixel where a `Scene` is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from rm_data.layout import Point

if TYPE_CHECKING:
    from rm_data.picture.truth import PixelTruth


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A line of that width through the points, with round joins and ends."""

    points: tuple[Point, ...]
    width: float
    colour: str
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A filled polygon."""

    points: tuple[Point, ...]
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pill:
    """All points within `radius` of the segment from `a` to `b`: a disc where both are the same.

    The rim lies inside: it covers the outer `rim_width` of the shape. `rim_width` 0 is no rim.
    """

    a: Point
    b: Point
    radius: float
    fill: str
    rim: str = ""
    rim_width: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An upright rectangle (left, top, right, bottom) with corners of that radius; rim inside."""

    bounds: tuple[float, float, float, float]
    fill: str
    radius: float = 0.0
    rim: str = ""
    rim_width: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One row of text; `start` is the left end of its base line.

    Attributes:
        runs: (face, text) pieces of one face each, in order; `advances` are their widths.
        size: Of the font, in pixels per em.
        angle: Degrees that the row is turned about `start`: 0, -45 (rising) or 45 (falling).
    """

    start: Point
    runs: tuple[tuple[str, str], ...]
    advances: tuple[float, ...]
    size: float
    colour: str
    angle: Literal[-45, 0, 45] = 0

    @property
    def content(self) -> str:
        """The row as it reads."""
        return "".join(text for _, text in self.runs)


Shape: TypeAlias = Stroke | Area | Pill | Box | Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Shapes that are one thing to a reader.

    Attributes:
        kind: What it is.
        key: The station's id, the line's name, or empty.
        title: What a screen reader says; empty for decoration.
    """

    kind: Literal["scenery", "line", "station", "label", "badge", "legend", "title"]
    key: str = ""
    title: str = ""
    shapes: tuple[Shape, ...]


ConflictKind: TypeAlias = Literal[
    "label-label",
    "label-line",
    "label-marker",
    "label-badge",
    "label-edge",
    "label-nearest",
    "badge-line",
    "badge-marker",
    "badge-badge",
    "badge-edge",
    "badge-nearest",
    "marker-marker",
    "marker-line",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Something that makes the picture hard or impossible to read rightly.

    Attributes:
        kind: `label-line` is a label that a line runs through; `...-nearest` a label or badge that
            is not clearly nearest to its own marker; `...-edge` one that leaves the picture;
            `marker-line` a marker on a line that does not serve the station.
        who: The id of the station of a label or marker, the name of the line of a badge.
        other: What it conflicts with: the id of a station, or the name of a line.
    """

    kind: ConflictKind
    who: str
    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """What a picture goes through after it is rasterised, as a camera or a website would do.

    Attributes:
        jpeg: Quality (1 to 95) of a JPEG in between, or None.
        blur: Radius of a Gaussian blur in pixels.
        grain: Standard deviation of noise, of 255.
        seed: Of the grain.
    """

    jpeg: int | None = None
    blur: float = 0.0
    grain: float = 0.0
    seed: int = 0

    @property
    def none(self) -> bool:
        """Whether the picture stays as it is."""
        return self.jpeg is None and self.blur == 0 and self.grain == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A picture before it is rasterised: the display list, its truth, and what is wrong with it.

    Attributes:
        width, height: In pixels; whole numbers.
        title: The city.
        background: `#rrggbb`.
        groups: In drawing order.
        truth: Where everything is.
        conflicts: Found by the machine's check (`conflicts`); empty for a legible map.
        noise: Of the PNG; the SVG has none.
    """

    width: int
    height: int
    title: str
    background: str
    groups: tuple[Group, ...]
    truth: PixelTruth
    conflicts: tuple[Conflict, ...] = ()
    noise: Noise = field(default_factory=Noise)

    @property
    def shapes(self) -> Iterator[Shape]:
        """Every shape in drawing order."""
        return (shape for group in self.groups for shape in group.shapes)

    def height_at(self, width: int) -> int:
        """The height of the picture rasterised at that width."""
        return max(1, round(self.height * width / self.width))
