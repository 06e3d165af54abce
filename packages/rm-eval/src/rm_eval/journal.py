"""The replies of a run on disk: appended batch by batch, so that a killed run can go on.

`completions.jsonl` holds one `Completion` a line in the order of the questions; `batches.jsonl` one
line for each batch that is wholly there. A batch that was cut off is taken back and asked again.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Final

from rm_eval.errors import EvalError
from rm_rewards import Completion, jsonl

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
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    questions: int
    seconds: float
    visual_tokens: tuple[int, ...] = field(default=())
    prompt_tokens: int | None = None
    cached_tokens: int | None = None


class Journal:
    """The replies so far. Only one process at a time may hold it."""

    def __init__(self, folder: Path, question_ids: Sequence[str]) -> None:
        self._ids = question_ids
        self._files = folder / COMPLETIONS, folder / BATCHES
        self._streams = tuple(file.open("a+b") for file in self._files)
        try:
            fcntl.flock(self._streams[0], fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.completions, self.batches = self._recovered()
        except BlockingIOError:
            self.close()
            raise EvalError(f"{folder}: another run is writing there; wait for it") from None
        except BaseException:
            self.close()
            raise

    @property
    def done(self) -> int:
        """How many questions have been answered: the first ones, in order."""
        return len(self.completions)

    def append(self, completions: Sequence[Completion], batch: Batch) -> None:
        """Keep a batch of replies; it is on the disk when this returns."""
        # The batch's line goes first: where its replies are whole, it is there too.
        for stream, records in zip(self._streams[::-1], ([batch], completions), strict=True):
            stream.write("".join(jsonl.dump(record) + "\n" for record in records).encode())
            stream.flush()
            os.fsync(stream.fileno())
        self.completions.extend(completions)
        self.batches.append(batch)

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

    def _recovered(self) -> tuple[list[Completion], list[Batch]]:
        lines = [_whole_lines(stream.name) for stream in self._streams]
        completions = [
            jsonl.parse(Completion, line, f"{self._files[0]}:{number}")
            for number, line in enumerate(lines[0], start=1)
        ]
        self._check_order(completions)
        batches: list[Batch] = []
        done = 0
        for number, line in enumerate(lines[1], start=1):
            batch = jsonl.parse(Batch, line, f"{self._files[1]}:{number}")
            if done + batch.questions > len(completions):
                break
            batches.append(batch)
            done += batch.questions
        for stream, kept in zip(
            self._streams, (lines[0][:done], lines[1][: len(batches)]), strict=True
        ):
            size = sum(map(len, kept))
            if size < stream.seek(0, os.SEEK_END):
                stream.truncate(size)
        return completions[:done], batches

    def _check_order(self, completions: Sequence[Completion]) -> None:
        for place, completion in enumerate(completions):
            expected = self._ids[place] if place < len(self._ids) else "no more lines"
            if completion.question_id != expected:
                raise EvalError(
                    f"{self._files[0]}:{place + 1}: question_id: found "
                    f"{completion.question_id!r}, expected {expected!r}; the file was changed: "
                    "take another --out"
                )


def _whole_lines(file: str) -> list[bytes]:
    lines = Path(file).read_bytes().splitlines(keepends=True)
    return lines if not lines or lines[-1].endswith(b"\n") else lines[:-1]
