"""Replies that were made before their turn, on the disk until the journal takes them.

Questions about one picture are asked together wherever they stand in the file, while the journal
holds replies in the order of the questions.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

import numpy as np

from rm_eval.atomic import own_stream
from rm_eval.backends.backend import Reply
from rm_eval.stored import Stored
from rm_rewards import Question, jsonl

if TYPE_CHECKING:
    from numpy.typing import NDArray

AHEAD: Final = "ahead.jsonl"


@dataclass(frozen=True, slots=True)
class Made:
    """A reply, and the seconds of asking that it took: its share where several came together."""

    question_id: str
    reply: Reply
    seconds: float


class Ahead:
    """What was answered early. The file goes when nothing is left that waits for its turn.

    In memory are 8 bytes for each waiting question: where its reply stands in the file.

    Args:
        folder: The run folder.
        waiting: The questions that the journal does not hold; what the file says of others has been
            taken before. Each goes by its place among these.

    Raises:
        RecordError: If a line of the file is damaged; one that was cut off is left out.
        OSError: If it cannot be read.
    """

    def __init__(self, folder: Path, waiting: Stored[Question]) -> None:
        self._file = folder / AHEAD
        self._stream = own_stream(self._file)
        self._starts = np.full(len(waiting), -1, dtype=np.int64)
        self._held = 0
        try:
            self._read(waiting)
        except BaseException:
            self._stream.close()
            raise

    def __len__(self) -> int:
        return self._held

    def missing(self, first: int) -> NDArray[np.int64]:
        """The places from the first one on whose replies are not here."""
        return first + np.flatnonzero(self._starts[first:] < 0)

    def keep(self, made: Mapping[int, Made]) -> None:
        """Write these down by their places; they are on the disk when this returns."""
        for place, one in made.items():
            self._hold(place, self._stream.seek(0, os.SEEK_END))
            self._stream.write(jsonl.dump(one).encode() + b"\n")
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def take(self, place: int) -> Made | None:
        """What the question at that place was answered, if it was."""
        start = int(self._starts[place])
        if start < 0:
            return None
        self._starts[place] = -1
        self._held -= 1
        self._stream.seek(start)
        return jsonl.parse(Made, self._stream.readline(), str(self._file))

    def _hold(self, place: int, start: int) -> None:
        self._held += self._starts[place] < 0
        self._starts[place] = start

    def _read(self, waiting: Stored[Question]) -> None:
        """Find where the replies to these stand; a line without its end goes."""
        self._stream.seek(0)
        end = 0
        for number, line in enumerate(self._stream, start=1):
            if not line.endswith(b"\n"):
                break
            made = jsonl.parse(Made, line, f"{self._file}:{number}")
            found = waiting.find(made.question_id)
            if found is not None:
                self._hold(found[0], end)
            end += len(line)
        self._stream.truncate(end)

    def __enter__(self) -> Ahead:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()
        if not self._held:
            self._file.unlink(missing_ok=True)
