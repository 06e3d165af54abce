"""Pixel truth: where stations, names and lines are in a picture, for grounding and tracing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

from rm_rewards import RecordError
from rm_rewards.jsonl import dump, parse

Bounds: TypeAlias = tuple[float, float, float, float]
"""(left, top, right, bottom) in pixels; x to the right, y down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelTruth:
    """Where a name stands.

    Attributes:
        rows: The rows as printed (the case may differ from the name's).
        corners: Of the turned box: where the text starts (top left of the text as it is read), then
            clockwise in reading direction.
        bounds: The upright box around the corners.
        text_px: Size of the font in pixels.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    rows: tuple[str, ...]
    corners: tuple[tuple[float, float], ...]
    bounds: Bounds
    text_px: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StationTruth:
    """Where a station is: the box and the middle of its marker, and the lines that serve it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    name: str
    bounds: Bounds
    centre: tuple[float, float]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTruth:
    """Where a line runs: one polyline a path, in riding order (a loop ends where it began).

    Attributes:
        colour: As drawn.
        width: In pixels.
        polylines: The middle of the line.
        badges: Boxes of its badges (station id and box): where its name stands at its ends.
        legend: Box of its row in the legend, if there is one.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    colour: str
    width: float
    polylines: tuple[tuple[tuple[float, float], ...], ...]
    badges: tuple[tuple[str, Bounds], ...] = ()
    legend: Bounds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelTruth:
    """Where everything is in a picture of `width` x `height` pixels; see the parts.

    Attributes:
        stations, labels: By station id.
        lines: By the name of the line.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    city: str
    width: int
    height: int
    stations: Mapping[str, StationTruth]
    labels: Mapping[str, LabelTruth]
    lines: Mapping[str, LineTruth]

    def scaled(self, width: int) -> PixelTruth:
        """The truth of the same picture rasterised at another width."""
        by = width / self.width
        return replace(
            self,
            width=width,
            height=max(1, round(self.height * width / self.width)),
            stations={
                stop: replace(found, bounds=_box(found.bounds, by), centre=_at(found.centre, by))
                for stop, found in self.stations.items()
            },
            labels={stop: _label(found, by) for stop, found in self.labels.items()},
            lines={name: _line(found, by) for name, found in self.lines.items()},
        )


def dump_truth(truth: PixelTruth) -> str:
    """The truth as one line of JSON, for the file `<city>.truth.json`."""
    return dump(truth)


def load_truth(path: Path | str) -> PixelTruth:
    """The truth from its file.

    Raises:
        RecordError: Naming file, field, the value found and what was expected.
        OSError: If the file cannot be read.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RecordError("file", error.object[:20], "UTF-8", where=str(path)) from None
    return parse(PixelTruth, text, str(path))


def _line(line: LineTruth, by: float) -> LineTruth:
    return replace(
        line,
        width=round(line.width * by, 2),
        polylines=tuple(tuple(_at(point, by) for point in path) for path in line.polylines),
        badges=tuple((stop, _box(box, by)) for stop, box in line.badges),
        legend=None if line.legend is None else _box(line.legend, by),
    )


def _label(label: LabelTruth, by: float) -> LabelTruth:
    return replace(
        label,
        corners=tuple(_at(corner, by) for corner in label.corners),
        bounds=_box(label.bounds, by),
        text_px=round(label.text_px * by, 2),
    )


def _at(point: tuple[float, float], by: float) -> tuple[float, float]:
    return round(point[0] * by, 2), round(point[1] * by, 2)


def _box(box: Bounds, by: float) -> Bounds:
    left, top, right, bottom = (round(value * by, 2) for value in box)
    return left, top, right, bottom
