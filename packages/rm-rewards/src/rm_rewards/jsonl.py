"""Records on disk: one JSON object a line, UTF-8, checked when read, streamed.

pydantic is loaded here, where bytes come in, and nowhere else in the package.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from rm_rewards.network import Line, Network, Station, from_published
from rm_rewards.records import RecordError

T = TypeVar("T")


@cache
def _adapter(record: type[T]) -> TypeAdapter[T]:
    return TypeAdapter(record)


def parse(record: type[T], line: str | bytes, where: str = "") -> T:
    """One record from its line of JSON.

    Raises:
        RecordError: With `where` (`file:line`), the field, the value found and what was expected.
    """
    try:
        loaded = json.loads(line)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        text = line.decode("utf-8", "replace") if isinstance(line, bytes) else line
        raise RecordError(
            "line", text.strip()[:60], f"a JSON object ({error})", where=where
        ) from None
    return parse_object(record, loaded, where)


def parse_object(record: type[T], loaded: object, where: str = "") -> T:
    """One record from a JSON value that has been read already. Unknown keys are ignored.

    Raises:
        RecordError: As `parse`.
    """
    if not isinstance(loaded, dict):
        raise RecordError("line", loaded, "a JSON object", where=where)
    value = cast("dict[str, Any]", loaded)
    if isinstance(value.get("routes"), dict):  # ReasonMap's own form: {"1": [leg, ...], ...}
        value = {**value, "routes": list(value["routes"].values())}
    try:
        return _adapter(record).validate_json(json.dumps(value))
    except ValidationError as error:
        raise _named(error).at(where) from None


def _named(error: ValidationError) -> RecordError:
    first = error.errors()[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, RecordError):
        return cause
    name = ".".join(str(part) for part in first["loc"]) or "line"
    if first["type"] == "missing":
        return RecordError(name, None, "a value: the field is missing")
    return RecordError(name, first["input"], first["msg"].removeprefix("Input should be "))


def read(record: type[T], path: Path | str) -> Iterator[T]:
    """The records of a file one by one; `-` is standard input. Blank lines are passed over.

    Raises:
        RecordError: At the first line that is not such a record, as `file:line: field: ...`.
        OSError: If the file cannot be opened.
    """
    for where, line in lines(path):
        yield parse(record, line, where)


def lines(path: Path | str) -> Iterator[tuple[str, str]]:
    """Each line that is not blank, with its place `file:line`; `-` is standard input."""
    with _opened(path) as stream:
        number = 0
        try:
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield f"{path}:{number}", line
        except UnicodeDecodeError as error:
            raise RecordError(
                "line", error.object[:20], "UTF-8", where=f"{path}:{number + 1}"
            ) from None


@contextmanager
def _opened(path: Path | str) -> Generator[IO[str]]:
    if str(path) == "-":
        yield io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8")
        return
    with Path(path).open(encoding="utf-8") as stream:
        yield stream


def dump(record: object) -> str:
    """One record as its line of JSON, without the line's end."""
    return _adapter(type(record)).dump_json(record).decode()


def write(records: Iterable[object], path: Path | str) -> int:
    """Write the records, one a line; `-` is standard output. Gives their number.

    The file appears whole or not at all: it is written beside its place and then renamed.
    """
    if str(path) == "-":
        return _write_to(sys.stdout, records)
    target = Path(path)
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


def read_network(path: Path | str) -> Network:
    """A network file: our own form, or the published form `{line: [station, ...]}`.

    For the published form the city is the name of the file and the country that of its folder.

    Raises:
        RecordError: Naming file, field, value and what was expected.
        OSError: If the file cannot be opened.
    """
    place = Path(path)
    try:
        loaded: object = json.loads(place.read_bytes())
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise RecordError("file", str(error), "a network as JSON", where=str(place)) from None
    return network_from_json(loaded, city=place.stem, country=place.parent.name, where=str(place))


def network_from_json(
    loaded: object, *, city: str = "", country: str = "", where: str = ""
) -> Network:
    """A network from a JSON value, in our own form or the published one."""
    if isinstance(loaded, dict) and "stations" in loaded and "lines" in loaded:
        return parse_object(Network, cast("object", loaded), where)
    try:
        lists = TypeAdapter(dict[str, list[str]]).validate_python(loaded, strict=True)
    except ValidationError as error:
        raise _named(error).at(where) from None
    if not lists:
        raise RecordError("file", lists, "at least one line", where=where)
    try:
        return from_published(lists, city=city, country=country, source=where)
    except RecordError as error:
        raise error.at(where) from None


__all__ = [
    "Line",
    "Network",
    "Station",
    "dump",
    "lines",
    "network_from_json",
    "parse",
    "parse_object",
    "read",
    "read_network",
    "write",
]
