"""A finished piece of the work: the questions of some maps, a file a side, and its figures."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rm_data.asking.job import Job, Map
from rm_data.sheet import Shortfall
from rm_data.splits import Place
from rm_rewards import Question, RecordError
from rm_rewards.jsonl import dump, parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a finished piece holds.

    Attributes:
        number: Its place in the work.
        counts: Questions by side.
        places: The maps, with their files.
        short: What the maps could not give.
    """

    number: int
    counts: dict[str, int]
    places: tuple[tuple[Place, str], ...]
    short: tuple[Shortfall, ...]


def write_part(job: Job, number: int, maps: Iterable[Map], folder: Path) -> Part:
    """Ask about these maps; write `<number>.<side>.jsonl` and `<number>.json`.

    The latter comes last and at once: where it is, the part is complete.

    Raises:
        RecordError: As `Job.about`, and as `maps`.
        OSError: If a file cannot be written.
    """
    counts = dict.fromkeys(job.sides.names, 0)
    places: list[tuple[Place, str]] = []
    short: list[Shortfall] = []
    with ExitStack() as stack:
        streams = {
            side: stack.enter_context(lines_path(folder, number, side).open("w", encoding="utf-8"))
            for side in job.sides.names
        }
        for one in maps:
            places.append((one.file.place, str(one.file.path)))
            for side, question in _asked(job, one, short):
                streams[side].write(dump(question) + "\n")
                counts[side] += 1
        for stream in streams.values():
            stream.flush()
            os.fsync(stream.fileno())
    part = Part(number=number, counts=counts, places=tuple(places), short=tuple(short))
    beside = folder / f".{number:06}.{os.getpid()}"
    beside.write_text(dump(part), encoding="utf-8")
    beside.replace(told_path(folder, number))
    return part


def _asked(job: Job, one: Map, short: list[Shortfall]) -> Iterator[tuple[str, Question]]:
    """The questions about one map; errors name its file."""
    try:
        yield from job.about(one, short.append)
    except RecordError as error:
        raise (error if error.where else error.at(str(one.file.path))) from None


def finished(folder: Path, number: int) -> Part | None:
    """The part if it is complete."""
    told = told_path(folder, number)
    try:
        return parse(Part, told.read_text(encoding="utf-8"), str(told))
    except (FileNotFoundError, RecordError):
        return None


def lines_path(folder: Path, number: int, side: str) -> Path:
    """The file with the questions of a part that go to that side."""
    return folder / f"{number:06}.{side or 'all'}.jsonl"


def told_path(folder: Path, number: int) -> Path:
    """The file that tells of a part, and that it is complete."""
    return folder / f"{number:06}.json"
