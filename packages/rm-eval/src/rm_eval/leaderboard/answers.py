"""A finished run as what a leaderboard needs of it: for each column, which answers were right."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Final

from rm_eval.errors import EvalError
from rm_eval.job import REWARDS
from rm_eval.leaderboard.columns import MAPS, WHOLE, columns_of
from rm_eval.manifest import NAME, Manifest, read_manifest
from rm_eval.samples import Sample, read_samples

PUBLISHED_CODE: Final = "the benchmark's published code"

_DEPTH: Final = 4
"""So many folders below one that is named are looked into for runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The answers of one run to the questions of one column, in the order of the questions.

    Attributes:
        right: 1.0 or 0.0 each.
        weights: In the column's accuracy.
        clusters: The map, picture or question that each stands or falls with.
        unparsed, truncated: Shares of the replies without an answer, and cut off at the limit.
        graded_by: What decided what is right: the benchmark's own published code where the samples
            tell what it makes of each reply, else the run's reward or extractor.
        fingerprint: A chain of SHA-256 over the questions, right answers, weights and names of
            pictures, which a prepared benchmark calls by their content.
    """

    right: tuple[float, ...]
    weights: tuple[float, ...]
    clusters: tuple[str, ...]
    unparsed: float
    truncated: float
    graded_by: str
    fingerprint: str

    @property
    def value(self) -> float:
        """The weighted share that is right."""
        earned = sum(w * r for w, r in zip(self.weights, self.right, strict=True))
        return earned / sum(self.weights)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A finished run.

    Attributes:
        folder: Where it lies.
        manifest: What it was made with.
        date: The day on which its last file of rewards was written, in UTC, as 2026-01-31.
        answers: By column.
    """

    folder: Path
    manifest: Manifest
    date: str
    answers: dict[str, Answers]

    @property
    def model(self) -> str:
        """SHA-256 over the model's weights; of a model behind a server over its name."""
        model = self.manifest.model
        told = sorted(model.weights.items()) or [("name", model.path)]
        return hashlib.sha256(repr(told).encode()).hexdigest()

    def comparable(self, other: Measured, column: str) -> bool:
        """Whether both answered the same questions of that column and were graded alike."""
        mine, theirs = self.answers[column], other.answers[column]
        one, two = self.manifest.data, other.manifest.data
        return (
            mine.fingerprint == theirs.fingerprint
            and mine.graded_by == theirs.graded_by
            and (one.fingerprint != two.fingerprint or one.pictures == two.pictures)
        )


def find_runs(places: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """The run folders that are named or lie inside the named folders; then the unfinished ones.

    Each stands in the lists once. A run that is named itself must be finished.

    Raises:
        EvalError: If a place is no folder, holds no run, or is an unfinished run.
    """
    finished: dict[Path, None] = {}
    unfinished: dict[Path, None] = {}
    for place in places:
        if not place.is_dir():
            raise EvalError(f"{place}: no such folder, expected a run or a folder of runs")
        found = list(_inside(place, _DEPTH))
        if not found:
            raise EvalError(f"{place}: no {NAME} in it or below it, expected a run")
        for folder in found:
            done = (folder / REWARDS).is_file()
            if not done and folder == place:
                raise EvalError(f"{place}: the run is not finished; go on with rm-eval bench")
            (finished if done else unfinished)[folder] = None
    return list(finished), list(unfinished)


def read_answers(folder: Path) -> Measured:
    """The run in that folder.

    Raises:
        EvalError: If it is no finished run.
        RecordError: If a line of it is damaged.
        OSError: If a file of it cannot be read.
    """
    manifest = read_manifest(folder)
    parts: defaultdict[str, _Part] = defaultdict(_Part)
    for sample in read_samples(folder):
        for column in columns_of(sample):
            parts[column].add(sample)
    if not parts:
        raise EvalError(f"{folder}: the run has no question")
    maps = parts.get(MAPS)
    if maps is not None and len(maps.right) == len(parts[WHOLE].right):
        del parts[WHOLE]  # a run over the maps alone says nothing of the whole benchmark
    written = datetime.fromtimestamp((folder / REWARDS).stat().st_mtime, UTC)
    return Measured(
        folder=folder,
        manifest=manifest,
        date=f"{written:%Y-%m-%d}",
        answers={column: part.answers(manifest.reward_version) for column, part in parts.items()},
    )


@dataclass(slots=True)
class _Part:
    """The answers of a column while they are read."""

    right: list[float] = field(default_factory=list[float])
    published: list[float] = field(default_factory=list[float])
    weights: list[float] = field(default_factory=list[float])
    clusters: list[str] = field(default_factory=list[str])
    cycles: list[str] = field(default_factory=list[str])
    unparsed: int = 0
    truncated: int = 0
    chain: bytes = b""

    def add(self, sample: Sample) -> None:
        weight = 1.0 if sample.weight is None else sample.weight
        picture = PurePath(sample.figure or "").name
        told = (sample.id, sample.question, sample.gold, weight, picture)
        self.chain = hashlib.sha256(self.chain + repr(told).encode()).digest()
        self.right.append(float(sample.correct))
        if sample.published_correct is not None:
            self.published.append(float(sample.published_correct))
        self.weights.append(weight)
        self.clusters.append(sample.cluster)
        self.cycles.append(sample.cycle)
        self.unparsed += sample.parsed is None
        self.truncated += sample.finish_reason == "length"

    def answers(self, graded_by: str) -> Answers:
        n = len(self.right)
        published = len(self.published) == n
        # HR-Bench quotes the mean over the orders of the options, so that each order counts alike.
        times = Counter(self.cycles)
        share = n / len(times)
        weights = (w * share / times[c] for w, c in zip(self.weights, self.cycles, strict=True))
        return Answers(
            right=tuple(self.published if published else self.right),
            weights=tuple(weights),
            clusters=tuple(self.clusters),
            unparsed=self.unparsed / n,
            truncated=self.truncated / n,
            graded_by=PUBLISHED_CODE if published else graded_by,
            fingerprint=self.chain.hex(),
        )


def _inside(folder: Path, depth: int) -> Iterator[Path]:
    if (folder / NAME).is_file():
        yield folder
    elif depth:
        for below in sorted(folder.iterdir()):
            if below.is_dir() and not below.is_symlink() and not below.name.startswith("."):
                yield from _inside(below, depth - 1)
