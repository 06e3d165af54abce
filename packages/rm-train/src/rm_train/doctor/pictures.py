"""What the model gets to see of each picture: its size after scaling, and how many tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median
from typing import Final

from rm_train.doctor.finding import Finding, some_of

LEGIBLE: Final = 0.5
"""Below this scale a label 16 pixels high has fewer than 8, and is hard to read for people too."""

_ENLARGED: Final = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPicture:
    """A picture as it lies on the disk and as the model sees it.

    Attributes:
        name: Of the file.
        width, height: In pixels, on the disk.
        seen: Pixels (width x height) after scaling; None where the processor cuts it into tiles.
        tokens: What it becomes in the prompt.
    """

    name: str
    width: int
    height: int
    tokens: int
    seen: int | None = None

    @property
    def scale(self) -> float | None:
        """By how much lengths change: 0.25 makes a label of 40 pixels one of 10."""
        return None if self.seen is None else sqrt(self.seen / (self.width * self.height))


def picture_findings(pictures: Sequence[SeenPicture]) -> Iterator[Finding]:
    """How many tokens the pictures have, and which of them are made too small or too large."""
    if not pictures:
        return
    tokens = [picture.tokens for picture in pictures]
    scales = [scale for picture in pictures if (scale := picture.scale) is not None]
    spread = f", lengths scaled by {min(scales):.2f} to {max(scales):.2f}" if scales else ""
    yield Finding(
        level="note",
        code="picture-tokens",
        found=f"{len(pictures)} pictures of {min(tokens):,} to {max(tokens):,} tokens (median "
        f"{median(tokens):,.0f}){spread}",
    )
    yield from _reduced([p for p in pictures if p.scale is not None and p.scale < LEGIBLE])
    yield from _enlarged([p for p in pictures if p.scale is not None and p.scale > _ENLARGED])


def _reduced(pictures: Sequence[SeenPicture]) -> Iterator[Finding]:
    if not pictures:
        return
    worst = min(pictures, key=lambda picture: picture.scale or 0.0)
    scale = worst.scale or 0.0
    yield Finding(
        level="warning",
        code="reduced-pictures",
        found=f"{len(pictures)} pictures are reduced to less than half their width; most of all "
        f"{worst.name!r}, {worst.width} x {worst.height}, to {scale:.0%}: a label of 20 pixels "
        f"becomes one of {20 * scale:.1f}",
        effect="station names may not be legible any more, and the model learns to guess them",
        way_out=f"raise max_pixels (all of it: {worst.width * worst.height}) as far as memory and "
        "prompt length allow",
    )


def _enlarged(pictures: Sequence[SeenPicture]) -> Iterator[Finding]:
    if not pictures:
        return
    names = [picture.name for picture in pictures]
    yield Finding(
        level="warning",
        code="enlarged-pictures",
        found=f"{len(pictures)} pictures are enlarged by more than half ({some_of(names)})",
        effect="they cost tokens and time without showing more",
        way_out="lower min_pixels, or draw them larger",
    )
