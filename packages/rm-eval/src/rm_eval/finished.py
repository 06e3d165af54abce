"""Finished runs, read back from their folders."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any, ClassVar, Final, cast

from rm_eval.benchmarks import BENCHMARKS, Benchmark
from rm_eval.custom import carried_task
from rm_eval.errors import EvalError
from rm_eval.job import QUESTIONS, REWARDS
from rm_eval.manifest import NAME, Manifest, Settings, read_manifest
from rm_eval.results import Collector, Results, Stratum
from rm_eval.samples import SAMPLES, Sample, read_samples
from rm_rewards import RecordError, jsonl

NOISE: Final = "noise.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """How many of a run's replies change sides in a repeat, as its `noise.json` says.

    Attributes:
        flip_rate: Share of the replies whose correctness flips.
        n: Replies that were repeated.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    flip_rate: float
    n: int


@dataclass(frozen=True, slots=True)
class Run:
    """Finished runs of one model, read from a folder. `name` heads their column.

    Attributes:
        name: The folder's, marked if the runs are blind.
        folder: Where they lie.
        manifests: By the name of the folder inside; one named `.` for a folder that is a run.
        graded: The replies of all of them.
        ids: A hash of the ids of all questions, in their order.
        noise: Its noise floor, where that was measured, over all runs that have one.
    """

    name: str
    folder: Path
    manifests: Mapping[str, Manifest]
    graded: Results
    ids: bytes
    noise: Noise | None = None

    @property
    def settings(self) -> Settings:
        """The settings, of the first where there are several."""
        return next(iter(self.manifests.values())).settings

    @property
    def versions(self) -> Mapping[str, str]:
        """The library versions, likewise."""
        return next(iter(self.manifests.values())).versions

    def question_ids(self) -> Iterator[str]:
        """The ids of all questions, in their order, read anew: they are many."""
        for name in self.manifests:
            yield from _ids(self.folder / name)

    def benchmark(self, task: str) -> Benchmark | None:
        """What defines that task; None where only a Python file does, which is not run here."""
        if task in BENCHMARKS:
            return BENCHMARKS[task]
        for name in self.manifests:
            try:
                own = carried_task(self.folder / name)
            except EvalError:  # a task file that is code: its categories are compared alike
                continue
            if own is not None and own.name == task:
                return own.benchmark
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """The part of a `Sample` that is counted: reading the whole takes three times as long."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    id: str
    type: str
    cluster: str
    weight: float | None
    parsed: str | None
    correct: bool
    task: str = ""
    category: str = ""
    leaf: str = ""
    cycle: str = ""


_WANTED: Final = tuple(field.name for field in fields(_Outcome))


def read_runs(folders: Sequence[Path]) -> list[Run]:
    """Finished runs, each named by its folder; by the whole path where two are called the same.

    Raises:
        EvalError, RecordError, OSError: As `read_run`.
    """
    return [read_run(*pair) for pair in zip(folders, column_names(folders), strict=True)]


def read_run(folder: Path, name: str) -> Run:
    """The finished run in a folder, or the runs in the folders inside it.

    Raises:
        EvalError: If there is no finished run.
        RecordError: If a file of it is damaged.
        OSError: If a file cannot be read.
    """
    inside = sorted(file.parent for file in folder.glob(f"*/{NAME}"))
    places = [folder] if (folder / NAME).is_file() or not inside else inside
    manifests = {str(place.relative_to(folder)): read_manifest(place) for place in places}
    collector, digest = Collector(), blake2b(digest_size=16)
    for place in places:
        _collect(place, collector, digest)
    noise = _noise(places)
    run = Run(name, folder, manifests, collector.results(), digest.digest(), noise)
    return replace(run, name=f"{name} (blind)") if run.settings.blind else run


def _collect(folder: Path, collector: Collector, digest: blake2b) -> None:
    if not (folder / REWARDS).is_file():
        raise EvalError(f"{folder}: the run is not finished; go on with the same rm-eval bench")
    ids, ended = _ids(folder), object()
    for one in _outcomes(folder):
        if next(ids, ended) != one.id:
            raise EvalError(f"{folder}: its files do not fit together; run it anew")
        stratum = Stratum(one.type, one.task, one.category, one.leaf, one.cycle, one.weight)
        collector.add(stratum, one.cluster, right=one.correct, read=one.parsed is not None)
        digest.update(one.id.encode() + b"\n")
    if next(ids, ended) is not ended:
        raise EvalError(f"{folder}: its files do not fit together; run it anew")


def _outcomes(folder: Path) -> Iterator[_Outcome | Sample]:
    if not (folder / SAMPLES).is_file():
        yield from read_samples(folder)
        return
    for where, line in jsonl.lines(folder / SAMPLES):
        loaded = _object(line, where)
        yield jsonl.parse_object(_Outcome, {n: loaded[n] for n in _WANTED if n in loaded}, where)


def _ids(folder: Path) -> Iterator[str]:
    for where, line in jsonl.lines(folder / QUESTIONS):
        yield str(_object(line, where).get("id"))


def _object(line: str, where: str) -> dict[str, object]:
    try:
        loaded: object = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RecordError("line", line[:60], f"a JSON object ({error})", where=where) from None
    if not isinstance(loaded, dict):
        raise RecordError("line", loaded, "a JSON object", where=where)
    return cast("dict[str, object]", loaded)


def _noise(places: Sequence[Path]) -> Noise | None:
    held = [jsonl.parse(Noise, file.read_bytes(), str(file)) for file in _noise_files(places)]
    n = sum(one.n for one in held)
    flips = sum(one.flip_rate * one.n for one in held)
    return Noise(flip_rate=flips / n, n=n) if n else None


def _noise_files(places: Sequence[Path]) -> Iterator[Path]:
    return (file for place in places if (file := place / NOISE).is_file())


def column_names(folders: Sequence[Path]) -> list[str]:
    """What heads the column of each run: its folder's name, or the path where two are the same."""
    short = [folder.resolve().name for folder in folders]
    times = Counter(short)
    return [
        name if times[name] == 1 else str(folder)
        for name, folder in zip(short, folders, strict=True)
    ]
