"""The replies of a run on disk: appended batch by batch, so that a killed run can go on.

`completions.jsonl` holds one `Completion` a line in the order of the questions; `batches.jsonl` one
line for each batch that is wholly there. A batch that was cut off is taken back and asked again.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import inf
from pathlib import Path
from types import TracebackType
from typing import IO, Any, ClassVar, Final

from rm_eval.atomic import own_stream
from rm_eval.errors import EvalError
from rm_rewards import Completion, RecordError, jsonl

COMPLETIONS: Final = "completions.jsonl"
BATCHES: Final = "batches.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One batch that has been answered.

    Attributes:
        questions: How many questions it held.
        seconds: Wall-clock time from opening its pictures to the last reply.
        visual_tokens: Picture tokens in the prompt of each question, in order; empty where the
            backend does not tell.
        prompt_tokens: All tokens of its prompts; None likewise.
        cached_tokens: How many of those were not computed anew; None likewise.
        prompt_lengths: The tokens of each prompt, in order; empty likewise.
        prompt_sha256: Of each prompt as the backend made it: the text after the chat template where
            it is applied here, else the message that was sent.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    questions: int
    seconds: float
    visual_tokens: tuple[int, ...] = field(default=())
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    prompt_lengths: tuple[int, ...] = field(default=())
    prompt_sha256: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.questions < 1:
            raise RecordError("questions", self.questions, "1 or more")
        if not 0.0 <= self.seconds < inf:
            raise RecordError("seconds", self.seconds, "a time that is not negative")


def replies_in(folder: Path) -> Iterator[Completion]:
    """The replies of a run in the order of its questions, read one at a time."""
    return jsonl.read(Completion, folder / COMPLETIONS)


def batches_in(folder: Path) -> Iterator[Batch]:
    """Its batches, likewise."""
    return jsonl.read(Batch, folder / BATCHES)


class Journal:
    """How far a run has come. Only one process at a time may hold it.

    The replies stay on the disk: `replies_in` reads them back.

    Attributes:
        done: How many questions have been answered: the first ones, in order.
    """

    def __init__(self, folder: Path, question_ids: Iterable[str]) -> None:
        self._ids = iter(question_ids)
        self._files = folder / COMPLETIONS, folder / BATCHES
        self._streams: list[IO[bytes]] = []
        try:
            for file in self._files:
                self._streams.append(own_stream(file))
            fcntl.flock(self._streams[0], fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.done = self._recovered()
        except BlockingIOError:
            self.close()
            raise EvalError(f"{folder}: another run is writing there; wait for it") from None
        except BaseException:
            self.close()
            raise

    def append(self, completions: Sequence[Completion], batch: Batch) -> None:
        """Keep a batch of replies; it is on the disk when this returns."""
        # The batch's line goes first: where its replies are whole, it is there too.
        for stream, records in zip(self._streams[::-1], ([batch], completions), strict=True):
            stream.write("".join(jsonl.dump(record) + "\n" for record in records).encode())
            stream.flush()
            os.fsync(stream.fileno())
        self.done += len(completions)

    def close(self) -> None:
        """Let go of the files."""
        for stream in self._streams:
            stream.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _recovered(self) -> int:
        """Take back what does not belong to a whole batch; gives the number of replies kept."""
        done, kept = 0, (0, 0)
        replies = self._replies()
        for end, line, where in _whole_lines(self._files[1]):
            batch = jsonl.parse(Batch, line, where)
            ends = list(islice(replies, batch.questions))
            if len(ends) < batch.questions:
                break
            done += batch.questions
            kept = ends[-1] if ends else kept[0], end
        for _ in replies:  # also what is taken back must be replies to these questions
            pass
        for stream, size in zip(self._streams, kept, strict=True):
            if size < stream.seek(0, os.SEEK_END):
                stream.truncate(size)
        return done

    def _replies(self) -> Iterator[int]:
        """Where each reply ends in its file, after a look at it."""
        for end, line, where in _whole_lines(self._files[0]):
            completion = jsonl.parse(Completion, line, where)
            expected = next(self._ids, "no more lines")
            if completion.question_id != expected:
                raise EvalError(
                    f"{where}: question_id: found {completion.question_id!r}, expected "
                    f"{expected!r}; the file was changed: take another --out"
                )
            yield end


def _whole_lines(file: Path) -> Iterator[tuple[int, bytes, str]]:
    """Each line that has its end, with the place behind it in bytes and `file:line`."""
    end = 0
    with file.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.endswith(b"\n"):
                return
            end += len(line)
            yield end, line, f"{file}:{number}"
