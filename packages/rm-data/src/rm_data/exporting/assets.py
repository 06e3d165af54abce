"""The files that questions name - pictures and networks - placed once each into an export."""

from __future__ import annotations

import io
import shutil
import tarfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias

from rm_data.exporting.sources import Split
from rm_data.pictures import picture_size
from rm_rewards import Network, Question, RecordError
from rm_rewards.jsonl import Networks

Images: TypeAlias = Literal["path", "embed", "tar"]
"""How pictures travel: copied beside the rows, inside every row, or in one `maps.tar`."""

TAR: Final = "maps.tar"


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture: its `name` inside the export (`maps/<country>/<city>.png`) and its file."""

    name: str
    source: Path

    def content(self) -> bytes:
        """The bytes of the file, as they are."""
        return self.source.read_bytes()


@dataclass(slots=True)
class Assets:
    """What an export holds beside its rows.

    Attributes:
        out: The folder of the export.
        images: How pictures travel.
        figures: The pictures seen so far, by their file, in the order of the questions.
        networks: The networks seen so far, by their name inside the export without suffix.
    """

    out: Path
    images: Images
    figures: dict[Path, Figure] = field(default_factory=dict[Path, Figure])
    networks: dict[str, Network] = field(default_factory=dict[str, Network])
    _names: set[str] = field(default_factory=set[str])
    _readers: dict[Path, Networks] = field(default_factory=dict[Path, Networks])
    _tar: tarfile.TarFile | None = None

    def figure(self, question: Question, split: Split, where: str) -> Figure | None:
        """The question's picture, placed into the export; None if it names none.

        Raises:
            RecordError: If the picture is missing or cannot be read.
            OSError: If it cannot be written.
        """
        if question.figure is None:
            return None
        source = (split.base / question.figure).resolve()
        if source in self.figures:
            return self.figures[source]
        try:
            picture_size(source)
            name = self._name(question, source)
        except RecordError as error:
            raise error.at(f"{where}: {question.id}") from None
        found = self.figures[source] = Figure(name, source)
        self._place(found)
        return found

    def _name(self, question: Question, source: Path) -> str:
        """`maps/<country>/<stem>`: another picture of that name gets a number."""
        for field_name in ("country", "city"):
            _require_plain(field_name, getattr(question, field_name))
        place = "/".join(filter(None, ("maps", question.country, source.stem)))
        name, number = f"{place}{source.suffix.lower()}", 1
        while name in self._names:
            number += 1
            name = f"{place}-{number}{source.suffix.lower()}"
        self._names.add(name)
        return name

    def _place(self, figure: Figure) -> None:
        if self.images == "path":
            target = self.out / figure.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(figure.source, target)
        elif self.images == "tar" and self._tar is not None:
            content = figure.content()
            entry = tarfile.TarInfo(figure.name)  # no owner, no time: same pictures, same bytes
            entry.size = len(content)
            self._tar.addfile(entry, io.BytesIO(content))

    @contextmanager
    def opened(self) -> Generator[Assets]:
        """The assets while rows are written; the tar, where there is one, is closed behind."""
        if self.images != "tar":
            yield self
            return
        with tarfile.open(self.out / TAR, "w") as self._tar:
            yield self

    def network(
        self, question: Question, split: Split, where: str, text: Callable[[Network], str]
    ) -> str | None:
        """The name `<country>/<city>.json` of the question's network; None if it has none.

        The file is written into `networks/` of the export, as `text` gives it, once.

        Raises:
            RecordError: If the network is missing or not usable, or two networks share a name.
            OSError: If a file cannot be read or written.
        """
        reader = self._readers.setdefault(split.base, Networks(split.base))
        try:
            found = reader.of(question)
            if found is None:
                return None
            for part in (found.country, found.city):
                _require_plain("network", part)
        except RecordError as error:
            raise error.at(f"{where}: {question.id}") from None
        name = "/".join(filter(None, (found.country, found.city))) + ".json"
        known = self.networks.get(name)
        if known is None:
            self._write(name, text(found))
        elif known is not found and known != found:
            raise RecordError(
                "network", name, "one network a city", where=f"{where}: {question.id}"
            )
        self.networks.setdefault(name, found)
        return name

    def _write(self, name: str, text: str) -> None:
        target = self.out / "networks" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text + "\n", encoding="utf-8")


def _require_plain(name: str, value: str) -> None:
    """Country and city become parts of paths inside the export."""
    if value in {".", ".."} or "/" in value or "\\" in value or not value.isprintable():
        raise RecordError(name, value, "a name without slashes")
