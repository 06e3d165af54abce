"""Ask about many maps: parts by one process or several, then one file a side."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread
from typing import Final, TypeAlias

from rm_data.asking.job import Job
from rm_data.asking.journal import journal
from rm_data.asking.on_ray import ray_maker
from rm_data.asking.part import Part, finished, lines_path, write_part
from rm_data.sheet import Shortfall
from rm_data.splits import Place
from rm_rewards import RecordError

_AHEAD: Final = 4
"""Parts that are under way for each process, so that a slow one does not hold up the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What came of it.

    Attributes:
        counts: Questions by side.
        kept: Parts that an earlier run had finished, of `parts`.
        short: What the maps could not give.
    """

    counts: Mapping[str, int]
    kept: int = 0
    parts: int = 0
    short: tuple[Shortfall, ...] = field(default=())


def write_questions(
    job: Job,
    out: Path,
    *,
    workers: int = 1,
    ray: str | None = None,
    done: Callable[[int], object] | None = None,
) -> Asked:
    """Write the questions of a job into `out`, or one file a side (`side_path`).

    The bytes depend on the job alone, not on `workers`. The files appear together when all is
    asked. A run that was killed is taken up where it stopped by the next run of the same job.

    Args:
        job: What to ask.
        out: The file; `-` is standard output, for one side.
        workers: Processes that work at the same time.
        ray: The address of a Ray cluster that does the work instead (`rm_data.asking.on_ray`).
        done: Called with the number of maps after each part.

    Raises:
        RecordError: As `Job.about`, for a city that comes twice, or if another run writes `out`.
        OSError: If a file cannot be read or written.
    """

    def maker(folder: Path) -> AbstractContextManager[_Make]:
        return _maker(job, folder, workers) if ray is None else ray_maker(job, folder, ray)

    if str(out) == "-":
        with tempfile.TemporaryDirectory(prefix="rm-data-") as folder:
            return _write(job, Path(folder), None, maker(Path(folder)), done)
    if out.is_dir():
        raise RecordError("--out", str(out), "a file, not a folder")
    with journal(out.absolute(), job.fingerprint) as folder:
        return _write(job, folder, out, maker(folder), done)


def _write(
    job: Job,
    folder: Path,
    out: Path | None,
    maker: AbstractContextManager[_Make],
    done: Callable[[int], object] | None,
) -> Asked:
    chunks = job.chunks
    count = len(chunks)
    known = {number: part for number in range(count) if (part := finished(folder, number))}
    counts: Counter[str] = Counter(dict.fromkeys(job.sides.names, 0))
    seen: dict[Place, str] = {}
    short: list[Shortfall] = []
    with maker as make:
        fresh = make((n, chunk) for n, chunk in enumerate(chunks) if n not in known)
        for number in range(count):
            part = known.get(number) or next(fresh)
            _once_each(part, seen)
            counts.update(part.counts)
            short.extend(part.short)
            if done is not None:
                done(len(part.places))
    _join(job, folder, count, out)
    return Asked(counts=dict(counts), kept=len(known), parts=count, short=tuple(short))


def _once_each(part: Part, seen: dict[Place, str]) -> None:
    for place, path in part.places:
        other = seen.setdefault(place, path)
        if other != path:
            expected = f"each city once; {other} has it too"
            raise RecordError("city", "/".join(place), expected, where=path)


def side_path(out: Path, side: str) -> Path:
    """Where a side goes: `questions.jsonl` and `train` give `questions.train.jsonl`."""
    return out.with_name(f"{out.stem}.{side}.jsonl") if side else out


def _join(job: Job, folder: Path, count: int, out: Path | None) -> None:
    """The parts one after the other; the files of all sides appear together."""
    if out is None:
        for number in range(count):
            sys.stdout.write(lines_path(folder, number, "").read_text(encoding="utf-8"))
        return
    targets = {folder / f"whole.{side}": side_path(out, side) for side in job.sides.names}
    for side, place in zip(job.sides.names, targets, strict=True):
        with place.open("wb") as whole:
            for number in range(count):
                with lines_path(folder, number, side).open("rb") as lines:
                    shutil.copyfileobj(lines, whole, 1 << 20)
    for place, target in targets.items():
        place.replace(target)


_Chunk: TypeAlias = tuple[int, Sequence[Path]]
_Make: TypeAlias = Callable[[Iterable[_Chunk]], Iterator[Part]]


@contextmanager
def _maker(job: Job, folder: Path, workers: int) -> Generator[_Make]:
    """What makes parts in the order of their numbers."""
    if workers <= 1:
        yield lambda chunks: (_written(job, *chunk, folder) for chunk in chunks)
        return
    pool = ProcessPoolExecutor(
        workers,
        mp_context=get_context("spawn"),
        initializer=_begin,
        initargs=(replace(job, paths=()), folder),
    )
    try:
        yield lambda chunks: _in_order(pool, chunks, workers * _AHEAD)
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(pool: ProcessPoolExecutor, chunks: Iterable[_Chunk], ahead: int) -> Iterator[Part]:
    waiting: deque[Future[Part]] = deque()
    for chunk in chunks:
        waiting.append(pool.submit(_part, *chunk))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


_work: list[tuple[Job, Path]] = []


def _begin(job: Job, folder: Path) -> None:
    """Ctrl-C is the business of the first process; where that one dies, this one goes too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _work[:] = [(job, folder)]
    Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _part(number: int, paths: Sequence[Path]) -> Part:
    job, folder = _work[0]
    return _written(job, number, paths, folder)


def _written(job: Job, number: int, paths: Sequence[Path], folder: Path) -> Part:
    return write_part(job, number, map(job.map, paths), folder)
