"""Reports by way of a file: for trainers whose scorers run in other processes.

Each scorer appends a line a group, in one write, so that several may share the file; the process
that deals reads what is new. A line is {"id", "rewards"} with or without "accuracy", "draw_id" and
"diversity", as `Curriculum.update` takes them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol, cast

from rm_curriculum.errors import CurriculumError

_FIELDS: Final = ("id", "rewards", "accuracy", "draw_id", "diversity")


class Listener(Protocol):
    """What takes reports: a `Curriculum`."""

    def update(
        self,
        item_id: str,
        rewards: Sequence[float],
        accuracy: float | None = None,
        draw_id: str | int | None = None,
        *,
        diversity: float | None = None,
    ) -> bool:
        """Take in one report; False if it is known."""
        ...


class Spool:
    """A file of reports, read from where the last reading ended.

    Args:
        path: The file; it need not be there yet.
        offset: Where to begin, in bytes. After a resume take `Spool.at_end`: what stands there was
            earned by draws that are dealt again.

    Attributes:
        path: The file.
        offset: Where the next reading begins.

    Example:
        >>> Spool("no-such-file.jsonl").feed(Curriculum([{"id": "a", "type": "planning"}]))
        0
    """

    def __init__(self, path: str | Path, *, offset: int = 0) -> None:
        self.path = Path(path)
        self.offset = offset
        self._line = 1 if not offset else None  # unknown within a file

    @classmethod
    def at_end(cls, path: str | Path) -> Spool:
        """The file from where it ends now."""
        file = Path(path)
        return cls(file, offset=file.stat().st_size if file.exists() else 0)

    def append(
        self,
        item_id: str,
        rewards: Sequence[float],
        accuracy: float | None = None,
        draw_id: str | int | None = None,
        *,
        diversity: float | None = None,
    ) -> None:
        """Add one report, in one write; any number of processes may, on a local file system.

        Raises:
            OSError: If the file cannot be written.
        """
        values = (item_id, [float(reward) for reward in rewards], accuracy, draw_id, diversity)
        pairs = zip(_FIELDS, values, strict=True)
        row = {name: value for name, value in pairs if value is not None}
        line = json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)

    def feed(self, curriculum: Listener) -> int:
        """Hand on all whole lines that are new; how many were counted.

        A line that is still being written is left for the next time.

        Raises:
            CurriculumError: If a line is no report of an item of the curriculum; by file and line,
                or byte after a resume. The next call goes on after it.
            OSError: If the file cannot be read.
        """
        counted = 0
        for where, line in self._new():
            counted += _tell(curriculum, line, where)
        return counted

    def _new(self) -> Iterator[tuple[str, bytes]]:
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            if os.fstat(file.fileno()).st_size < self.offset:
                raise CurriculumError(
                    f"{self.path}: shorter than the {self.offset} bytes that were read; was it "
                    "replaced? begin anew with Spool(path)"
                )
            file.seek(self.offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                where = f"byte {self.offset}" if self._line is None else str(self._line)
                self.offset += len(line)
                self._line = None if self._line is None else self._line + 1
                yield f"{self.path}:{where}", line


def _tell(curriculum: Listener, line: bytes, where: str) -> bool:
    if not line.strip():
        return False
    try:
        row: object = json.loads(line)
    except ValueError:
        raise CurriculumError(f"{where}: found {line[:40]!r}, expected a line of JSON") from None
    if not isinstance(row, dict):
        raise CurriculumError(f"{where}: found {line[:40]!r}, expected an object")
    fields = cast("dict[str, object]", row)
    item, rewards = fields.get("id"), _numbers(fields.get("rewards"), where)
    if not isinstance(item, str):
        raise CurriculumError(f"{where}: id: found {item!r}, expected a text")
    accuracy, diversity = (_share(fields, name, where) for name in ("accuracy", "diversity"))
    draw = fields.get("draw_id")
    if not isinstance(draw, str | int | None):
        raise CurriculumError(f"{where}: draw_id: found {draw!r}, expected a text or a number")
    try:
        return curriculum.update(item, rewards, accuracy, draw, diversity=diversity)
    except CurriculumError as error:
        raise CurriculumError(f"{where}: {error}", item=error.item) from None


def _numbers(value: object, where: str) -> list[float]:
    found = cast("list[object]", value) if isinstance(value, list) else [None]
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in found):
        raise CurriculumError(f"{where}: rewards: found {value!r}, expected a list of numbers")
    return [float(one) for one in cast("list[float]", found)]


def _share(fields: dict[str, object], name: str, where: str) -> float | None:
    value = fields.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise CurriculumError(f"{where}: {name}: found {value!r}, expected a number")
    return value
