"""The tables of a feed: a zip file that nobody has to trust, or a folder of tables.

Nothing is unpacked to disk: a table is read as it is decompressed. Refused are names that lead out
of the archive, links, archives with more entries, larger tables or more compression than feeds
have, and entries that overlap, which is how small files unpack to huge ones.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Final

from rm_rewards import RecordError

MOST_ENTRIES: Final = 1_000
MOST_BYTES: Final = 8 << 30
"""Of one table, unpacked."""

MOST_RATIO: Final = 200
"""Of unpacked to packed size, for tables above `_SMALL`; real ones are below 40."""

_SMALL: Final = 10 << 20
_CHUNK: Final = 1 << 20
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,  # a way of compression
    RuntimeError,  # a password
    EOFError,
    OSError,  # a place before the beginning
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Feed:
    """An open feed: where it is, and its tables by name, `stops.txt` for example."""

    path: Path
    _tables: Mapping[str, Callable[[], IO[bytes]]]
    _streams: ExitStack
    """Tables that are being read; they are closed before the archive is."""

    def __contains__(self, table: str) -> bool:
        return table in self._tables

    def where(self, table: str) -> str:
        """How errors call a table."""
        return f"{self.path}/{table}"

    def chunks(self, table: str) -> Iterator[bytes]:
        """The bytes of a table, a part at a time.

        Raises:
            RecordError: If it is not there, too large, or damaged.
        """
        if table not in self._tables:
            raise RecordError("table", table, "a feed that has it", where=str(self.path))
        try:
            stream = self._streams.enter_context(self._tables[table]())
            while chunk := stream.read(_CHUNK):
                yield chunk
        except _DAMAGED as error:
            raise RecordError(
                "table", str(error), "one that can be unpacked", where=self.where(table)
            ) from None


@contextmanager
def open_feed(path: Path) -> Generator[Feed]:
    """The feed in that zip file, or in that folder.

    Raises:
        RecordError: If it is no feed, or none that is safe to read.
        OSError: If it cannot be opened.
    """
    with ExitStack() as kept:
        tables = _in_folder(path) if path.is_dir() else _in_archive(path, kept)
        if "routes.txt" not in tables:
            expected = "a feed, with one routes.txt"
            raise RecordError("file", "no routes.txt", expected, where=str(path))
        with ExitStack() as streams:
            yield Feed(path, tables, streams)


def _in_folder(path: Path) -> dict[str, Callable[[], IO[bytes]]]:
    tables: dict[str, Callable[[], IO[bytes]]] = {}
    for file in sorted(path.glob("*.txt")):
        if not file.is_file() or not file.resolve().is_relative_to(path.resolve()):
            raise RecordError("table", file.name, "a file, not a link out of it", where=str(path))
        if (size := file.stat().st_size) > MOST_BYTES:
            expected = f"at most {MOST_BYTES >> 30} GiB"
            raise RecordError(file.name, f"{size:,} bytes", expected, where=str(path))
        tables[file.name] = partial(file.open, "rb")
    return tables


def _in_archive(path: Path, kept: ExitStack) -> dict[str, Callable[[], IO[bytes]]]:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
    try:
        archive = kept.enter_context(zipfile.ZipFile(path))
    except _DAMAGED as error:
        raise RecordError("file", str(error), "a GTFS feed as zip file", where=str(path)) from None
    entries = archive.infolist()
    try:
        for check in (_require_few, _require_names, _require_sizes):
            check(entries, size)
    except RecordError as error:
        raise error.at(str(path)) from None
    tables = _tables(entries, path)
    return {name: partial(archive.open, entry) for name, entry in tables.items()}


def _require_few(entries: list[zipfile.ZipInfo], size: int) -> None:
    del size
    if len(entries) > MOST_ENTRIES:
        raise RecordError("entries", len(entries), f"at most {MOST_ENTRIES:,}")
    for name, times in Counter(entry.filename for entry in entries).items():
        if times > 1:
            raise RecordError("entry", name, f"each name once, not {times} times")


def _require_names(entries: list[zipfile.ZipInfo], size: int) -> None:
    del size
    for entry in entries:
        name = PurePosixPath(entry.filename)
        odd = "\\" in entry.filename or ":" in entry.filename
        if name.is_absolute() or ".." in name.parts or odd:
            raise RecordError("entry", entry.filename, "a name that stays inside the archive")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise RecordError("entry", entry.filename, "a file, not a link")
        if entry.flag_bits & 1:
            raise RecordError("entry", entry.filename, "a file without a password")


def _require_sizes(entries: list[zipfile.ZipInfo], size: int) -> None:
    if sum(entry.compress_size for entry in entries) > size:
        raise RecordError("entries", f"more than the file's {size:,} bytes", "no overlap")
    for entry in entries:
        if entry.file_size > MOST_BYTES:
            expected = f"at most {MOST_BYTES >> 30} GiB unpacked"
            raise RecordError(entry.filename, f"{entry.file_size:,} bytes", expected)
        if entry.file_size > max(_SMALL, MOST_RATIO * entry.compress_size):
            found = f"{entry.file_size:,} bytes out of {entry.compress_size:,}"
            raise RecordError(entry.filename, found, f"at most {MOST_RATIO} times as many")


def _tables(entries: list[zipfile.ZipInfo], path: Path) -> dict[str, zipfile.ZipInfo]:
    """The tables of the folder that has `routes.txt`; there may be one folder around them."""
    folders = [
        PurePosixPath(entry.filename).parent
        for entry in entries
        if PurePosixPath(entry.filename).name == "routes.txt"
    ]
    if not folders:
        return {}
    if len(folders) > 1:
        found = ", ".join(map(str, folders[:3]))
        raise RecordError("file", found, "one feed, with one routes.txt", where=str(path))
    places = {PurePosixPath(entry.filename): entry for entry in entries}
    return {place.name: entry for place, entry in places.items() if place.parent == folders[0]}
