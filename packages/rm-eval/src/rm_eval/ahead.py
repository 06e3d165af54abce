"""Replies that were made before their turn, on the disk until the journal takes them.

Questions about one picture are asked together wherever they stand in the file, while the journal
holds replies in the order of the questions.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

from rm_eval.atomic import own_stream
from rm_eval.backends.backend import Reply
from rm_rewards import jsonl

AHEAD: Final = "ahead.jsonl"


@dataclass(frozen=True, slots=True)
class Made:
    """A reply, and the seconds of asking that it took: its share where several came together."""

    question_id: str
    reply: Reply
    seconds: float


class Ahead:
    """What was answered early. The file goes when nothing is left that waits for its turn.

    Args:
        folder: The run folder.
        waiting: The ids of the questions that the journal does not hold; what the file says of
            others has been taken before.

    Raises:
        RecordError: If a line of the file is damaged; one that was cut off is left out.
        OSError: If it cannot be read.
    """

    def __init__(self, folder: Path, waiting: Sequence[str]) -> None:
        self._file = folder / AHEAD
        self._stream = own_stream(self._file)
        self._places: dict[str, int] = {}
        try:
            self._read(set(waiting))
        except BaseException:
            self._stream.close()
            raise

    def __contains__(self, question_id: str) -> bool:
        return question_id in self._places

    def __len__(self) -> int:
        return len(self._places)

    def keep(self, made: Iterable[Made]) -> None:
        """Write these down; they are on the disk when this returns."""
        for one in made:
            self._places[one.question_id] = self._stream.seek(0, os.SEEK_END)
            self._stream.write(jsonl.dump(one).encode() + b"\n")
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def take(self, question_id: str) -> Made | None:
        """What that question was answered, if it was."""
        place = self._places.pop(question_id, None)
        if place is None:
            return None
        self._stream.seek(place)
        return jsonl.parse(Made, self._stream.readline(), str(self._file))

    def _read(self, wanted: set[str]) -> None:
        """Find where the replies to these stand; a line without its end goes."""
        self._stream.seek(0)
        end = 0
        for number, line in enumerate(self._stream, start=1):
            if not line.endswith(b"\n"):
                break
            made = jsonl.parse(Made, line, f"{self._file}:{number}")
            if made.question_id in wanted:
                self._places[made.question_id] = end
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
        if not self._places:
            self._file.unlink(missing_ok=True)
