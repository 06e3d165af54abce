"""The verdicts of a judge on disk: one line for each time that it was asked, appended at once.

`judge.jsonl` in the run folder. A line that was cut off by a kill is taken back; nothing that is
kept is asked again.
"""

from __future__ import annotations

import fcntl
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, ClassVar, Final, Literal, TypeAlias

from rm_eval.errors import EvalError
from rm_eval.judging.prompt import TRIES, reply_key
from rm_rewards import jsonl

VERDICTS: Final = "judge.jsonl"

Purpose: TypeAlias = Literal["unread", "check"]
"""Why a judge is asked: no rule read the reply, or one did and the judge is put to the test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a judge said once about one reply.

    Attributes:
        id: Of the question.
        reply: `reply_key` of the reply: a verdict is on that text.
        extractor: On whose behalf it was asked.
        purpose: Why.
        judge: The model, as it was named.
        weights: SHA-256 over the files of a local model; empty for one behind a server.
        told: What the server calls the model; None where no server was asked, or it does not say.
        prompt: `PROMPT_SHA256` of the wording.
        tries: How often it has now been asked about the reply, 1 to `TRIES`.
        text: What it said, as it came.
        verdict: A letter, `yes` or `no`, a number or a text; `NONE` if it says that the reply gives
            no answer; None if nothing allowed could be read out of what it said.
        prompt_tokens, tokens: Read and written; None where the backend does not tell.
        latency_s: Seconds from asking to the whole text; None where replies are made together.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    id: str
    reply: str
    extractor: str
    purpose: Purpose
    judge: str
    weights: str
    told: str | None
    prompt: str
    tries: int
    text: str
    verdict: str | None
    prompt_tokens: int | None
    tokens: int | None
    latency_s: float | None


@dataclass(slots=True)
class Spent:
    """What was asked for one extractor and purpose; a sum is None where a part was not told."""

    requests: int = 0
    replies: int = 0
    prompt_tokens: int | None = 0
    tokens: int | None = 0
    seconds: float = 0.0

    def add(self, one: Judgement) -> None:
        """Count one more time."""
        self.requests += 1
        self.replies += one.tries == 1
        self.prompt_tokens = _sum(self.prompt_tokens, one.prompt_tokens)
        self.tokens = _sum(self.tokens, one.tokens)
        self.seconds += one.latency_s or 0.0


class Verdicts:
    """The verdicts of a run, held by the reply that they are on.

    Attributes:
        spent: By extractor and purpose.
        told: How often the server named the model so.
    """

    def __init__(self, judgements: Iterator[Judgement]) -> None:
        self.spent: dict[tuple[str, Purpose], Spent] = {}
        self.told: Counter[str] = Counter()
        self._last: dict[tuple[str, str], tuple[int, str | None]] = {}
        for one in judgements:
            self.add(one)

    def add(self, one: Judgement) -> None:
        """Take one more into account."""
        self._last[one.id, one.reply] = one.tries, one.verdict
        self.spent.setdefault((one.extractor, one.purpose), Spent()).add(one)
        if one.told is not None:
            self.told[one.told] += 1

    def tries(self, identity: str, reply: str) -> int:
        """How often the judge has been asked about that reply to that question."""
        return self._last.get((identity, reply_key(reply)), (0, None))[0]

    def decided(self, identity: str, reply: str) -> bool:
        """Whether there is nothing more to ask: a verdict, no more tries, or a blank reply."""
        tries, verdict = self._last.get((identity, reply_key(reply)), (0, None))
        return verdict is not None or tries >= TRIES or not reply.strip()

    def verdict(self, identity: str, reply: str) -> str | None:
        """As in `Judgement.verdict`; also None for a reply that was never judged."""
        return self._last.get((identity, reply_key(reply)), (0, None))[1]


class VerdictFile:
    """The verdicts of a run, to be added to. Only one process at a time may hold it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / VERDICTS
        self._stream: IO[bytes] = self._path.open("a+b")
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._stream.truncate(_whole(self._path))
            self.verdicts = read_verdicts(folder)
        except BlockingIOError:
            self.close()
            raise EvalError(f"{folder}: another judge is at work there; wait for it") from None
        except BaseException:
            self.close()
            raise

    def append(self, judgements: Sequence[Judgement]) -> None:
        """Keep them; they are on the disk when this returns."""
        self._stream.write("".join(jsonl.dump(one) + "\n" for one in judgements).encode())
        self._stream.flush()
        os.fsync(self._stream.fileno())
        for one in judgements:
            self.verdicts.add(one)

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()


def read_verdicts(folder: Path) -> Verdicts:
    """The verdicts of a run; none if it was never judged.

    Raises:
        RecordError: At a line that is no judgement.
    """
    file = folder / VERDICTS
    return Verdicts(_lines(file) if file.is_file() else iter(()))


def _lines(file: Path) -> Iterator[Judgement]:
    left, number = _whole(file), 0
    with closing(file.open("rb")) as stream:
        while left > 0:
            line, number = stream.readline(), number + 1
            left -= len(line)
            yield jsonl.parse(Judgement, line, f"{file}:{number}")


def _whole(file: Path) -> int:
    """The length of the file without a last line that was cut off."""
    with file.open("rb") as stream:
        end = stream.seek(0, os.SEEK_END)
        while end > 0:
            begin = max(0, end - 65536)
            stream.seek(begin)
            found = stream.read(end - begin).rfind(b"\n")
            if found >= 0:
                return begin + found + 1
            end = begin
    return 0


def _sum(total: int | None, more: int | None) -> int | None:
    return None if total is None or more is None else total + more
