"""Pictures of maps inside the page."""

from __future__ import annotations

import base64
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Final

from rm_eval import EvalError, read_picture
from rm_rewards import Question

_SIDE: Final = 480
"""Pictures are reduced to so many pixels; small ones are enlarged to half of it."""


class Pictures:
    """Pictures as `img` elements; each file is read once."""

    def __init__(self) -> None:
        self._made: dict[Path, str] = {}

    def of(self, question: Question, folder: Path, maps: Path | None = None) -> str:
        """The picture of a question, or what is wrong with it; empty if it has none.

        Args:
            question: Its `figure` is relative to `folder`.
            folder: Where its file lies.
            maps: Holds `<country>/<city>.png` for questions without `figure`.
        """
        if question.figure:
            path = folder / question.figure
        elif maps is not None:
            path = maps / question.country / f"{question.city}.png"
        else:
            return ""
        if path not in self._made:
            self._made[path] = _element(path)
        return self._made[path]


def _element(path: Path) -> str:
    try:
        shown = read_picture(path)
    except EvalError:
        return f"<p>{escape(path.name)} cannot be opened.</p>"
    shown.thumbnail((_SIDE, _SIDE))
    stream = BytesIO()
    shown.save(stream, format="PNG")
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    width = max(shown.width, _SIDE // 2)
    return f'<img alt="the map" width="{width}" src="data:image/png;base64,{data}">'
