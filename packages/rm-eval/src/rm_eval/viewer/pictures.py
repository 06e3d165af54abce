"""The pictures of a page: each once, reduced, named by its number."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Final, Literal, TypeAlias

from PIL import Image

from rm_eval.pictures import read_picture

Size: TypeAlias = Literal["full", "small", "none"]

SIDES: Final[dict[Size, int]] = {"full": 1600, "small": 480, "none": 0}
"""The longer side of a picture, in pixels. A transit map of 1600 takes about 0.3 MB, one of 480
about 0.04."""

_MANY: Final = 60
"""With more pictures than this they are small, unless it is said otherwise."""


@dataclass(slots=True)
class Album:
    """The pictures that the rows of a page need.

    Attributes:
        size: How large; None decides by their number.
        side: The longer side in pixels; None as `size` says.
    """

    size: Size | None = None
    side: int | None = None
    _places: dict[Path, int] = field(default_factory=dict[Path, int])

    def __len__(self) -> int:
        """How many pictures are shown."""
        return len(self._places) if self.longest else 0

    @property
    def longest(self) -> int:
        """The longer side of every picture; 0 for none."""
        if self.size is None and self.side is None:
            return SIDES["full" if len(self._places) <= _MANY else "small"]
        if self.size == "none":
            return 0
        return self.side or SIDES[self.size or "full"]

    def number(self, path: Path) -> int:
        """The number of that picture, the same one whenever it is asked for."""
        return self._places.setdefault(path, len(self._places))

    def addresses(self) -> Iterator[str]:
        """Each picture as a data URI in the order of their numbers; one is in memory at a time.

        Raises:
            EvalError: If one cannot be read.
        """
        for path in self._places if self.longest else ():
            picture = read_picture(path)
            side = self.longest
            picture.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
            body = BytesIO()
            picture.save(body, "WEBP", quality=80)
            yield "data:image/webp;base64," + base64.b64encode(body.getvalue()).decode()
