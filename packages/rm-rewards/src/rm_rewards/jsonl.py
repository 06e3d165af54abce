"""Records on disk: one JSON object a line, UTF-8, checked when read, streamed."""

from __future__ import annotations

import errno
import io
import os
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, Protocol, TypeVar

from rm_rewards.network import Line, Network, Station
from rm_rewards.network_file import Networks, network_from_json, read_network
from rm_rewards.parsing import adapter, parse, parse_object
from rm_rewards.records import RecordError

T = TypeVar("T")

LONGEST: Final = 128 * 1024 * 1024
"""Characters of the longest line that is read: a picture of 80 MB in base64 fits."""


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


Identified = TypeVar("Identified", bound=_Identified)


def read(record: type[T], path: Path | str) -> Iterator[T]:
    """The records of a file one by one; `-` is standard input. Blank lines are passed over.

    Raises:
        RecordError: At the first line that is not such a record, as `file:line: field: ...`.
        OSError: If the file cannot be opened.
    """
    for where, line in lines(path):
        yield parse(record, line, where)


def read_by_id(record: type[Identified], path: Path | str) -> dict[str, tuple[str, Identified]]:
    """The records of a file in order, by `id`, each with its place `file:line`.

    Raises:
        RecordError: As `read`, and at the second record of an id.
        OSError: If the file cannot be opened.
    """
    found: dict[str, tuple[str, Identified]] = {}
    for where, line in lines(path):
        made = parse(record, line, where)
        if made.id in found:
            first = found[made.id][0]
            raise RecordError("id", made.id, f"each id once (first at {first})", where=where)
        found[made.id] = (where, made)
    return found


def lines(path: Path | str) -> Iterator[tuple[str, str]]:
    """Each line that is not blank, with its place `file:line`; `-` is standard input.

    Raises:
        RecordError: At a line of more than `LONGEST` characters, or that is not UTF-8.
        OSError: If the file cannot be opened.
    """
    for number, line in _every_line(path):
        if line.strip():
            yield f"{path}:{number}", line


def placed_lines(path: Path | str) -> Iterator[tuple[str, int, str]]:
    """As `lines`, each with where it starts in its file, in bytes; its end is as it is written.

    Raises:
        RecordError, OSError: As `lines`.
    """
    start = 0
    for number, line in _every_line(path, newline=""):
        if line.strip():
            yield f"{path}:{number}", start, line
        start += len(line.encode())


def _every_line(path: Path | str, newline: str | None = None) -> Iterator[tuple[int, str]]:
    with _opened(path, newline) as stream:
        number = 0
        try:
            while line := stream.readline(LONGEST):
                number += 1
                if len(line) == LONGEST and not line.endswith("\n"):
                    raise RecordError(
                        "line", line[:20], f"{LONGEST} characters at most", where=f"{path}:{number}"
                    )
                yield number, line
        except UnicodeDecodeError as error:
            raise RecordError(
                "line", error.object[:20], "UTF-8", where=f"{path}:{number + 1}"
            ) from None


@contextmanager
def _opened(path: Path | str, newline: str | None) -> Generator[IO[str]]:
    if str(path) == "-":
        yield io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", newline=newline)
        return
    with Path(path).open(encoding="utf-8", newline=newline) as stream:
        yield stream


def dump(record: object) -> str:
    """One record as its line of JSON, without the line's end."""
    return adapter(type(record)).dump_json(record).decode()


def write(records: Iterable[object], path: Path | str) -> int:
    """Write the records, one a line; `-` is standard output. Gives their number.

    The file appears whole or not at all: it is written beside its place and then renamed.
    """
    if str(path) == "-":
        return _write_to(sys.stdout, records)
    target = Path(path)
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            count = _write_to(stream, records)
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return count


def _write_to(stream: IO[str], records: Iterable[object]) -> int:
    count = 0
    for record in records:
        stream.write(dump(record) + "\n")
        count += 1
    return count


__all__ = [
    "Line",
    "Network",
    "Networks",
    "Station",
    "dump",
    "lines",
    "network_from_json",
    "parse",
    "parse_object",
    "placed_lines",
    "read",
    "read_by_id",
    "read_network",
    "write",
]
