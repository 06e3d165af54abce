"""A published set as questions file, pictures and networks, in one folder."""

from __future__ import annotations

import base64
import binascii
import io
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError

from rm_data.published.rows import PlusRow, ReasonMapRow
from rm_data.published.sets import SETS, plus_question, reasonmap_questions, row_of
from rm_data.published.source import rows
from rm_data.staging import staged_folder
from rm_rewards import Question, RecordError
from rm_rewards.jsonl import write

_SUFFIXES: Final = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp", "GIF": ".gif"}


@dataclass(slots=True)
class Written:
    """What was written.

    Attributes:
        questions: How many questions.
        pictures: The cities with a picture.
        bare: The cities whose picture is not at hand: thirteen of the thirty are not published.
    """

    questions: int = 0
    pictures: set[str] = field(default_factory=set[str])
    bare: set[str] = field(default_factory=set[str])


def write_published(
    name: str,
    source: str,
    out: Path,
    *,
    split: str = "train",
    files: Path | None = None,
    done: Callable[[int], object] | None = None,
) -> Written:
    """Write `questions.jsonl` into `out`, with pictures and networks where the set brings them.

    Args:
        name: One of `SETS`.
        source: As `rm_data.published.source.rows`.
        out: A folder that is new or empty; it appears when all is written.
        split: The split.
        files: The folder with `maps/` and `stations/` that the paths in ReasonMap-Plus and
            ReasonMap-Train start from; by default `source` itself, if it is a folder.
        done: Called after each row with 1.

    Raises:
        RecordError: For an unknown set, a source or split that is not there, or a bad row.
        OSError: If a file cannot be written.
    """
    if name not in SETS:
        raise RecordError("SET", name, f"one of {', '.join(SETS)}")
    made = Written()
    base = files or (Path(source) if Path(source).is_dir() else None)
    with staged_folder(out) as folder:
        target = _Target(folder, out.absolute(), base, made)
        found = _questions(name, source, split, target, done)
        made.questions = write(found, folder / "questions.jsonl")
        if not made.questions:
            raise RecordError("SRC", source, f"at least one row in the split {split}")
    return made


@dataclass(slots=True)
class _Target:
    folder: Path
    home: Path
    base: Path | None
    made: Written
    _figures: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    _networks: set[str] = field(default_factory=set[str])

    def picture(self, row: ReasonMapRow) -> str:
        """The picture of a row, decoded once a city: it stands in each of its rows."""
        place = _place(row)
        known = self._figures.get(place)
        if known is not None and known[0] == hash(row.figure):
            return known[1]
        content = _decoded(row.figure)
        number = "" if known is None else f"-{hash(row.figure) & 0xFFFFFF:06x}"
        path = f"maps/{place}{number}{_suffix(content)}"
        _write(self.folder / path, content)
        self._figures.setdefault(place, (hash(row.figure), path))
        self.made.pictures.add(place)
        return path

    def network(self, row: ReasonMapRow) -> str:
        """The lists of a row as a network file, once a city, remarks and all."""
        path = f"networks/{_place(row)}.json"
        if path not in self._networks:
            self._networks.add(path)
            lists = {line: stops for line, stops in row.json.items() if stops}
            _write(self.folder / path, (json.dumps(lists, ensure_ascii=False) + "\n").encode())
        return path

    def beside(self, path: str) -> str | None:
        """A path of the set, made to start from `out`; None where the file is not at hand."""
        if self.base is None or not (self.base / path).is_file():
            return None
        return Path(os.path.relpath((self.base / path).absolute(), self.home)).as_posix()


def _questions(
    name: str, source: str, split: str, target: _Target, done: Callable[[int], object] | None
) -> Iterator[Question]:
    for number, (where, row) in enumerate(rows(source, split)):
        try:
            yield from _asked(row_of(name, row, ""), number, target)
        except RecordError as error:
            raise error.at(where) from None
        if done is not None:
            done(1)


def _asked(row: ReasonMapRow | PlusRow, number: int, target: _Target) -> Iterator[Question]:
    place = _place(row)
    if isinstance(row, ReasonMapRow):
        figure, network = target.picture(row), target.network(row)
        for question in reasonmap_questions(row, number):
            yield replace(question, figure=figure, network=network)
        return
    figure, lists = target.beside(row.figure), target.beside(row.json)
    (target.made.bare if figure is None else target.made.pictures).add(place)
    yield replace(plus_question(row, number), figure=figure, network=lists)


def _place(row: ReasonMapRow | PlusRow) -> str:
    for name in ("country", "city"):
        part: str = getattr(row, name)
        if part in {"", ".", ".."} or "/" in part or "\\" in part or not part.isprintable():
            raise RecordError(name, part, "a name without slashes")
    return f"{row.country}/{row.city}"


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.rpartition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        raise RecordError("figure", text, "a picture as base64") from None


def _suffix(content: bytes) -> str:
    try:
        with Image.open(io.BytesIO(content)) as picture:
            return _SUFFIXES.get(picture.format or "", ".png")
    except (UnidentifiedImageError, OSError, SyntaxError):
        raise RecordError("figure", content[:16], "a picture that can be read") from None


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
