"""Records that stay in their file: read one by one when they are asked for.

A file of a million questions is 0.7 GB as objects. Here a record takes 16 bytes: where its line
starts, and a hash of its id; as many again once one has been looked up by its id.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from stat import S_ISREG
from typing import IO, TYPE_CHECKING, TypeAlias, TypeVar, cast, overload

import numpy as np

from rm_eval.errors import EvalError
from rm_eval.item import Item
from rm_rewards import Question, RecordError, jsonl

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers: TypeAlias = NDArray[np.int64]

R = TypeVar("R", bound=Question | Item)


class Stored(Sequence[R]):
    """Records of one file in some order; a part of them is another view of the same file.

    Args:
        record: What each line holds.
        file: The file, one JSON object a line.
        stamp: What tells whether the file is as it was.
        starts: Where the line of each starts, in bytes.
        keys: The hash of each id, in this process.
    """

    def __init__(
        self,
        record: type[R],
        file: Path,
        stamp: tuple[int, ...],
        starts: Numbers,
        keys: Numbers,
    ) -> None:
        self._record, self._file, self._stamp = record, file, stamp
        self._starts, self.keys = starts, keys
        self._sorted: tuple[Numbers, Numbers] | None = None

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> Stored[R]: ...
    def __getitem__(self, index: int | slice) -> R | Stored[R]:
        if isinstance(index, slice):
            return self._part(self._starts[index], self.keys[index])
        start = int(self._starts[index])
        with self._opened() as stream:
            return self._at(stream, start)

    def __iter__(self) -> Iterator[R]:
        if not len(self):  # of a file that need not be there
            return
        with self._opened() as stream:
            for start in self._starts:
                yield self._at(stream, int(start))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Stored):
            return NotImplemented
        theirs = cast("Stored[Question | Item]", other)
        same = (one == two for one, two in zip(self, theirs, strict=False))
        return len(self) == len(theirs) and all(same)

    __hash__ = None  # pyright: ignore[reportAssignmentType] compared by what it holds

    def picked(self, places: Sequence[int] | Numbers) -> Stored[R]:
        """Those at these places, in that order."""
        chosen = np.asarray(places, dtype=np.int64)
        return self._part(self._starts[chosen], self.keys[chosen])

    def find(self, identity: str) -> tuple[int, R] | None:
        """The first record of that id with its place; None if there is none."""
        order, keys = self._order()
        wanted = np.int64(hash(identity))
        for at in range(int(np.searchsorted(keys, wanted)), len(keys)):
            if keys[at] != wanted:
                return None
            place = int(order[at])
            if (one := self[place]).id == identity:
                return place, one
        return None

    def last_places(self, keys: Numbers) -> Numbers:
        """The place of the last record whose id has each of these hashes; -1 where none has."""
        order, held = self._order()
        if not len(held):
            return np.full(len(keys), -1, dtype=np.int64)
        at = np.searchsorted(held, keys, side="right") - 1
        return np.where((at >= 0) & (held[at] == keys), order[at], -1)

    def check_ids(self) -> None:
        """Refuse an id that comes again.

        Raises:
            RecordError: At the second record of an id, naming the place of both.
        """
        order, keys = self._order()
        for place in sorted(int(one) for one in order[1:][keys[1:] == keys[:-1]]):
            identity = self[place].id
            found = self.find(identity)
            if found is not None and found[0] < place:
                first = f"each id once (first at {self._where(int(self._starts[found[0]]))})"
                where = self._where(int(self._starts[place]))
                raise RecordError("id", identity, first, where=where)

    def _part(self, starts: Numbers, keys: Numbers) -> Stored[R]:
        return Stored(self._record, self._file, self._stamp, starts, keys)

    def _order(self) -> tuple[Numbers, Numbers]:
        if self._sorted is None:
            order = np.argsort(self.keys, kind="stable")
            self._sorted = order, self.keys[order]
        return self._sorted

    def _opened(self) -> IO[bytes]:
        stream = self._file.open("rb")
        if _stamp(os.fstat(stream.fileno())) != self._stamp:
            stream.close()
            raise EvalError(f"{self._file}: the file was changed while it was in use; start again")
        return stream

    def _at(self, stream: IO[bytes], start: int) -> R:
        stream.seek(start)
        line = stream.readline().split(b"\r", 1)[0].decode()
        try:
            return jsonl.parse(self._record, line)
        except RecordError as error:
            raise error.at(self._where(start)) from None

    def _where(self, start: int) -> str:
        """`file:line` of the line that starts there."""
        lines = jsonl.placed_lines(self._file)
        return next((where for where, at, _ in lines if at == start), str(self._file))


class ById(Mapping[str, R]):
    """Records by their id, in their order."""

    def __init__(self, records: Stored[R]) -> None:
        self.records = records

    def __getitem__(self, identity: str) -> R:
        found = self.records.find(identity)
        if found is None:
            raise KeyError(identity)
        return found[1]

    def __iter__(self) -> Iterator[str]:
        return (one.id for one in self.records)

    def __len__(self) -> int:
        return len(self.records)


def stored(
    record: type[R],
    file: Path,
    *,
    note: Callable[[R], object] = lambda _: None,
    once: bool = False,
) -> Stored[R]:
    """The records of a file, after a look at every line.

    Args:
        record: What each line holds.
        file: The file.
        note: Called with each in turn.
        once: Refuse an id that comes twice.

    Raises:
        RecordError: At the first line that is not such a record, or repeats an id.
        EvalError: If it is no file that can be read twice.
        OSError: If the file cannot be opened.
    """
    status = file.stat()
    if not S_ISREG(status.st_mode):
        raise EvalError(f"{file}: found a folder, a pipe or a device, expected a file")
    starts, keys = array("q"), array("q")
    lines = jsonl.placed_lines(file)
    fault: RecordError | None = None
    try:
        for where, start, line in lines:
            one = jsonl.parse(record, line, where)
            note(one)
            starts.append(start)
            keys.append(hash(one.id))
    except RecordError as error:
        fault = error
    made = Stored(record, file, _stamp(status), _numbers(starts), _numbers(keys))
    if once:
        made.check_ids()  # one that is repeated before the fault is the first fault
    if fault is not None:
        raise fault
    return made


def none_stored(record: type[R], file: Path) -> Stored[R]:
    """No records."""
    return Stored(record, file, (), _numbers(array("q")), _numbers(array("q")))


def _numbers(values: array[int]) -> Numbers:
    return np.frombuffer(values, dtype=np.int64)


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return status.st_ino, status.st_size, status.st_mtime_ns
