"""Records of a file looked up by their id, without holding the file."""

from __future__ import annotations

from pathlib import Path
from typing import Generic, Protocol, TypeVar

from rm_rewards import jsonl


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Identified)


class InOrder(Generic[T]):
    """Reads along as records are asked for in the order of the file, as those of a run are.

    The first one that is asked for out of order makes it hold the whole file. A file that is not
    there holds nothing.
    """

    def __init__(self, record: type[T], file: Path) -> None:
        self._record = record
        self._file = file
        self._stream = jsonl.read(record, file) if file.is_file() else iter(())
        self._here: T | None = None
        self._next = next(self._stream, None)
        self._all: dict[str, T] | None = None

    def take(self, identity: str) -> T | None:
        """The record of that id if it is the one at hand or the one after it, else None.

        Raises:
            RecordError: At a line that is no such record.
        """
        if self._all is not None:
            return self._all.get(identity)
        if self._next is not None and self._next.id == identity:
            self._here, self._next = self._next, next(self._stream, None)
        return self._here if self._here is not None and self._here.id == identity else None

    def find(self, identity: str) -> T | None:
        """The record of that id wherever it stands; None if there is none.

        Raises:
            RecordError: As `take`.
        """
        found = self.take(identity)
        if found is not None or self._all is not None:
            return found
        while self._next is not None:
            self._here, self._next = self._next, next(self._stream, None)
            if self._here.id == identity:
                return self._here
        if self._file.is_file():
            self._all = {one.id: one for one in jsonl.read(self._record, self._file)}
        return self.take(identity)
