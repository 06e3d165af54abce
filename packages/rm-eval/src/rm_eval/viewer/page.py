"""The page: the samples as JSON, the pictures once each, and a script that shows them as text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rm_eval.atomic import placed
from rm_eval.finished import column_names
from rm_eval.manifest import read_manifest
from rm_eval.viewer.pictures import Album, Size
from rm_eval.viewer.rows import rows
from rm_eval.web_page import data, shown, template


@dataclass(frozen=True, slots=True)
class Written:
    """What a page holds: questions, pictures, and the longer side of these in pixels."""

    questions: int
    pictures: int
    side: int


def write_viewer(
    run: Path,
    other: Path | None,
    out: Path,
    *,
    pictures: Size | None = None,
    side: int | None = None,
) -> Written:
    """Write one HTML file that needs nothing beside it; gives what is on it.

    It can be filtered by task, category, result and where two runs disagree, and searched. Replies
    stand in it as data and are shown as text; the page forbids itself to load anything.

    Args:
        run: A run folder.
        other: A second one over the same questions, shown to the right; or None.
        out: The HTML file. It appears when it is complete.
        pictures: `full` (1600 pixels), `small` (480) or `none`; None takes full ones up to 60.
        side: Larger pictures are reduced to this longer side, in pixels, in place of that.

    Raises:
        EvalError: If a folder is no finished run, a picture cannot be read, or the runs differ in
            their questions.
        RecordError: If a line of a run is damaged.
        OSError: If a file cannot be read or written.
    """
    folders = [run] if other is None else [run, other]
    names = [
        name + (" (blind)" if read_manifest(folder).settings.blind else "")
        for name, folder in zip(column_names(folders), folders, strict=True)
    ]
    head, middle, tail = template("rm_eval.viewer", "page.html").split("@DATA@")
    album = Album(pictures, side)
    count = 0
    with placed(out) as beside, beside.open("w", encoding="utf-8") as stream:
        stream.write(head.replace("@TITLE@", shown(" / ".join(names))))
        stream.write('{"runs": ' + data(names) + ', "rows": [')
        for row in rows(folders, album):
            stream.write((",\n" if count else "\n") + data(row))
            count += 1
        stream.write("]}" + middle + "[")
        for place, address in enumerate(album.addresses()):
            stream.write((",\n" if place else "\n") + data(address))
        stream.write("]" + tail)
    return Written(count, len(album), album.longest)
