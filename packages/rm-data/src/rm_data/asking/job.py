"""The work of asking: which maps, what, and where the paths in the questions start from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import rm_data
import rm_rewards
from rm_data.asking.order import AskOrder
from rm_data.asking.sides import OneFile, Sides
from rm_data.networks import NetworkFile, read_file
from rm_data.pictures import picture_size
from rm_data.sheet import Report
from rm_rewards import Question, RecordError

_LARGEST_CHUNK: Final = 16
_CHUNKS: Final = 64


@dataclass(frozen=True, slots=True)
class Map:
    """A network with what its questions say of its files.

    Attributes:
        file: The network.
        figure: The path of its picture, as it stands in the questions.
        name: The path of its network file, as it stands in the questions.
    """

    file: NetworkFile
    figure: str | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is asked about which maps; the same job gives the same bytes.

    Attributes:
        order: What to ask.
        paths: The network files.
        base: The folder that paths in the questions are relative to.
        maps: The folder of the pictures `<country>/<city>.png`, each of which must be there; None
            for a picture beside the network file, where there is one.
        sides: Into which files the questions go.
    """

    order: AskOrder
    paths: tuple[Path, ...]
    base: Path
    maps: Path | None = None
    sides: Sides = field(default_factory=OneFile)

    @property
    def chunks(self) -> tuple[tuple[Path, ...], ...]:
        """The files in pieces of work, the same whoever does them."""
        size = max(1, min(_LARGEST_CHUNK, len(self.paths) // _CHUNKS))
        return tuple(self.paths[at : at + size] for at in range(0, len(self.paths), size))

    @property
    def fingerprint(self) -> str:
        """What the bytes depend on: the code, the order, the sides, and what the files hold.

        Raises:
            OSError: If a file cannot be read.
        """
        digest = sha256(repr((self.order, self.base, self.maps, self.sides)).encode())
        digest.update(_code().encode())
        for path in (*self.paths, *self.order.kinds):
            digest.update(f"\n{path}\n".encode())
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def map(self, path: Path) -> Map:
        """The map of a network file.

        Raises:
            RecordError: As `read_file`, and for a picture that is missing or cannot be read.
            OSError: If the file cannot be read.
        """
        file = read_file(path)
        found = picture(file, self.maps)
        figure = None if found is None else _relative(found, self.base)
        return Map(file, figure, _relative(path, self.base))

    def about(self, one: Map, report: Report) -> Iterator[tuple[str, Question]]:
        """The questions about one map, each with its side.

        Raises:
            RecordError: As `ask`.
        """
        asked = self.order.questions(
            one.file,
            self.sides.types(one.file.place, self.order.types),
            figure=one.figure,
            network_path=one.name,
            report=report,
        )
        return ((self.sides.side(question), question) for question in asked)


@cache
def _code() -> str:
    """A hash of the source of rm-data and rm-rewards: parts of other code are not taken up."""
    digest = sha256()
    for package in (rm_data, rm_rewards):
        folder = Path(package.__path__[0])
        for path in sorted(folder.rglob("*.py")):
            digest.update(f"{path.relative_to(folder)}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def picture(file: NetworkFile, maps: Path | None) -> Path | None:
    """The picture of a map, whose head has been read.

    Raises:
        RecordError: If it cannot be read, or is missing where `maps` says that it is there.
    """
    country, city = file.place
    place = file.path.with_suffix(".png") if maps is None else maps / country / f"{city}.png"
    if maps is None and not place.is_file():
        return None
    try:
        picture_size(place)
    except RecordError as error:
        raise error.at(str(file.path)) from None
    return place


def _relative(path: Path, base: Path) -> str:
    return Path(os.path.relpath(path.absolute(), base)).as_posix()
