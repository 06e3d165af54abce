"""The rows of a table, as CSV, one at a time: a feed may be larger than memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from rm_data.importing.gtfs.archive import Feed
from rm_rewards import RecordError

_LONGEST: Final = 1 << 20
"""Bytes of a line."""

MOST_ROWS: Final = 5_000_000
"""Of a table that is kept in memory."""


class Table:
    """Rows of texts, of the columns asked for, in their order.

    `where` names the row that came last, for errors: `FEED/stops.txt:17`.
    """

    def __init__(
        self,
        feed: Feed,
        name: str,
        required: tuple[str, ...],
        optional: tuple[str, ...] = (),
        *,
        most: float = MOST_ROWS,
    ) -> None:
        """Open the table and read its header.

        Args:
            feed: The feed.
            name: The table, `stops.txt` for example.
            required: Columns that must be there.
            optional: Columns that may be.
            most: Rows at the most.

        Raises:
            RecordError: If table or column is missing.
        """
        self._file = feed.where(name)
        self._lines = _Lines(feed, name)
        self._reader = csv.reader(iter(self._lines))
        self.columns = (*required, *optional)
        header = [column.strip() for column in next(self._rows(), list[str]())]
        for column in required:
            if column not in header:
                found = ", ".join(header)[:200]
                raise RecordError("columns", found, f"a column {column!r}", where=self.where)
        self._places = [header.index(c) if c in header else -1 for c in self.columns]
        self._width = len(header)
        self._most = most

    @property
    def where(self) -> str:
        """The place of the row that came last."""
        return f"{self._file}:{max(self._reader.line_num, 1)}"

    def error(self, column: str, found: object, expected: str) -> RecordError:
        """What is wrong with the row that came last."""
        return RecordError(column, found, expected, where=self.where)

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        """The rows; a column that is not there is empty everywhere.

        Raises:
            RecordError: At a row that is no CSV, not UTF-8, or one too many.
        """
        places, width = self._places, self._width
        for number, row in enumerate(self._rows(), start=1):
            if number > self._most:
                raise self.error("rows", number, f"at most {self._most:,}")
            if not row:
                continue
            if len(row) < width:
                row.extend([""] * (width - len(row)))
            yield tuple([row[place].strip() if place >= 0 else "" for place in places])

    def _rows(self) -> Iterator[list[str]]:
        try:
            yield from self._reader
        except csv.Error as error:
            raise self.error("line", str(error), "CSV, as RFC 4180 has it") from None


class _Lines:
    """The lines of a table as text."""

    def __init__(self, feed: Feed, name: str) -> None:
        self._chunks = feed.chunks(name)
        self._file = feed.where(name)
        self._count = 0

    def __iter__(self) -> Iterator[str]:
        rest = b""
        begun = False
        for chunk in self._chunks:
            if not begun:
                chunk = chunk.removeprefix(b"\xef\xbb\xbf")  # noqa: PLW2901 - a byte order mark
                begun = True
            whole, newline, rest = (rest + chunk).rpartition(b"\n")
            if len(rest) > _LONGEST:
                found = f"more than {_LONGEST:,} bytes"
                raise RecordError("line", found, "shorter lines", where=self._place(whole))
            yield from self._text(whole + newline)
        yield from self._text(rest)

    def _text(self, content: bytes) -> Iterator[str]:
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            found = content[error.start : error.start + 20]
            where = self._place(content[: error.start])
            raise RecordError("line", found, "UTF-8", where=where) from None
        self._count += content.count(b"\n")
        yield from io.StringIO(text, newline="\n")

    def _place(self, before: bytes) -> str:
        line = self._count + before.count(b"\n") + 1
        return f"{self._file}:{line}"
