"""The page: the samples as JSON, the pictures once each, and a script that shows them as text."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from io import BytesIO
from itertools import zip_longest
from pathlib import Path
from typing import Final

from PIL import Image

from rm_eval.atomic import placed
from rm_eval.errors import EvalError
from rm_eval.manifest import read_manifest
from rm_eval.pictures import read_picture
from rm_eval.samples import Sample, read_samples

SIDE: Final = 1600
"""The longer side of a picture on the page, in pixels, where nothing else is asked for."""

_LONGEST: Final = 20_000
"""Characters of a reply that the page holds."""


def write_viewer(run: Path, other: Path | None, out: Path, *, side: int = SIDE) -> int:
    """Write one HTML file that needs nothing beside it; gives the number of questions.

    It can be filtered by task, by right and wrong, and by where two runs disagree. Replies stand in
    it as data and are shown as text; the page forbids itself to load anything.

    Args:
        run: A run folder.
        other: A second one over the same questions, shown to the right; or None.
        out: The HTML file. It appears when it is complete.
        side: Larger pictures are reduced to this longer side, in pixels.

    Raises:
        EvalError: If a folder is no finished run, a picture cannot be read, or the runs differ in
            their questions.
        RecordError: If a line of a run is damaged.
        OSError: If a file cannot be read or written.
    """
    folders = [run] if other is None else [run, other]
    names = [_name(folder) for folder in folders]
    template = files("rm_eval.viewer").joinpath("page.html").read_text("utf-8")
    head, middle, tail = template.split("@DATA@")
    head = head.replace("@TITLE@", escape(" / ".join(names)))
    pictures: dict[str, tuple[int, str]] = {}
    count = 0
    with placed(out) as beside, beside.open("w", encoding="utf-8") as stream:
        stream.write(head + '{"runs": ' + _json(names) + ', "rows": [')
        for rows in _paired(folders):
            stream.write((",\n" if count else "\n") + _json(_row(rows, folders[0], pictures, side)))
            count += 1
        stream.write("]}" + middle + _json([uri for _, uri in pictures.values()]) + tail)
    return count


def _name(folder: Path) -> str:
    blind = " (blind)" if read_manifest(folder).settings.blind else ""
    return folder.resolve().name + blind


def _paired(folders: Sequence[Path]) -> Iterator[list[Sample]]:
    for rows in zip_longest(*(read_samples(folder) for folder in folders)):
        asked = {None if row is None else (row.id, row.question) for row in rows}
        if len(asked) > 1:
            found = " and ".join("none" if row is None else repr(row.id) for row in rows)
            raise EvalError(
                f"{folders[0]} and {folders[1]}: different questions, first {found}; take two runs "
                "over the same questions"
            )
        yield [row for row in rows if row is not None]


def _row(
    rows: Sequence[Sample], folder: Path, pictures: dict[str, tuple[int, str]], side: int
) -> dict[str, object]:
    first = rows[0]
    if first.figure is not None and first.figure not in pictures:
        pictures[first.figure] = len(pictures), _data_uri(folder / first.figure, side)
    return {
        "id": first.id,
        "type": first.type,
        "cluster": first.cluster,
        "question": first.question,
        "gold": first.gold,
        "picture": None if first.figure is None else pictures[first.figure][0],
        "replies": [
            {
                "text": row.reply[:_LONGEST],
                "cut": max(0, len(row.reply) - _LONGEST),
                "parsed": row.parsed,
                "correct": row.correct,
                "status": row.status,
                "total": row.total,
                "tokens": row.tokens,
            }
            for row in rows
        ],
    }


def _data_uri(path: Path, side: int) -> str:
    picture = read_picture(path)
    picture.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    body = BytesIO()
    picture.save(body, "WEBP", quality=80)
    return "data:image/webp;base64," + base64.b64encode(body.getvalue()).decode()


def _json(value: object) -> str:
    """JSON that can stand in a script element: nothing in it ends the element or opens a tag."""
    text = json.dumps(value, ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
