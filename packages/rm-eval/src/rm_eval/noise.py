"""How much of a number is chance alone: the same questions again, in other company.

Greedy replies should not depend on what else is in a batch. In half precision they do, because sums
are taken in another order; a repeat in another order and batch size shows how often that turns a
right reply into a wrong one. A difference between two models has to be seen beside that.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from math import sqrt
from pathlib import Path
from typing import Final

from rm_eval.atomic import write_json
from rm_eval.custom import NO_TRUST, Trust
from rm_eval.dataset import Dataset, load_dataset
from rm_eval.errors import EvalError
from rm_eval.intervals import wilson
from rm_eval.job import QUESTIONS, REWARDS, Job, checked_job
from rm_eval.manifest import Manifest, Settings, library_versions, read_manifest
from rm_eval.run import measure
from rm_eval.samples import read_samples
from rm_eval.stratified import Limit

NOISE: Final = "noise.json"
REPEATS: Final = "noise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """What repeats of a run changed, summed over the repeats.

    Attributes:
        n: Replies that were repeated: questions times repeats.
        repeats: How often each question was asked again.
        batch_sizes: That of the run, then that of the repeats.
        texts: Replies whose text changed.
        answers: Replies from which another answer was read.
        gained, lost: Replies that were wrong and became right, and the other way.
        flip_rate: Share of the replies whose correctness changed.
        low, high: Wilson's 95 % interval of it.
        questions: How many the whole run has.
        deviation: Standard deviation, by the flips alone, of the difference in accuracy between two
            such runs of all its questions: sqrt(flip_rate / questions).
        settings_differ: Library versions that are not those of the run, with both values.
    """

    n: int
    repeats: int
    batch_sizes: tuple[int, int]
    texts: int
    answers: int
    gained: int
    lost: int
    flip_rate: float
    low: float
    high: float
    questions: int
    deviation: float
    settings_differ: dict[str, tuple[str, str]]


def noise_floor(
    run: str | Path,
    *,
    limit: Limit | None = None,
    repeats: int = 1,
    batch_size: int | None = None,
    seed: int = 0,
    device: str | None = None,
    trust: Trust = NO_TRUST,
    progress: Callable[[int, int], None] | None = None,
) -> Noise:
    """Ask questions of a finished run again, shuffled and in batches of another size.

    Writes `noise.json` into the run folder and keeps each repeat below `noise/`, a run folder of
    its own. Called again it goes on where it was stopped.

    Args:
        run: The folder of a finished run.
        limit: Ask only so many, or as a float such a share, chosen as for `bench`.
        repeats: How often each is asked.
        batch_size: Questions at a time; None takes another number than the run did.
        seed: Decides the order, and what `limit` keeps.
        device: Where the model runs now; None: as the run did.
        trust: What may run of a task file that is code.
        progress: Called with (answered, all) of a repeat.

    Raises:
        EvalError: If the run is not finished, its model is not what it was, or the batch size is
            that of the run.
        PolicyError, RecordError, OSError: As `bench`.
    """
    folder = Path(run)
    manifest = read_manifest(folder)
    _check(folder, manifest, repeats, batch_size)
    size = batch_size or _another(manifest.settings.batch_size)
    whole = load_dataset(folder / QUESTIONS, limit=limit, seed=seed)
    changes = _Changes()
    for number in range(repeats):
        order = _order(whole, seed, number)
        settings = _settings(manifest, size, device)
        out = folder / REPEATS / _name(number, seed, size, limit)
        job = checked_job(manifest.model.path, whole.picked(order), settings, out, trust)
        _check_model(folder, manifest, job)
        measure(job, progress=progress)
        changes.add(folder, whole, out, order)
    found = _counted(changes, repeats, (manifest.settings.batch_size, size), manifest)
    write_json(asdict(found), folder / NOISE)
    return found


def _check(folder: Path, manifest: Manifest, repeats: int, batch_size: int | None) -> None:
    if not (folder / REWARDS).is_file():
        raise EvalError(f"{folder}: the run is not finished; go on with the same rm-eval bench")
    if repeats < 1:
        raise EvalError(f"repeats: found {repeats}, expected 1 or more")
    if batch_size == manifest.settings.batch_size:
        raise EvalError(
            f"batch_size: found {batch_size}, which is that of the run; expected another number"
        )


def _another(size: int) -> int:
    """Neither the run's batch size nor a part of it, so that no batch comes back as it was."""
    return 3 if size < 5 else size * 5 // 8


def _order(whole: Dataset, seed: int, number: int) -> list[int]:
    """The places of the questions, shuffled."""
    ranks = [
        hashlib.sha256(f"{seed}:{number}:{one.id}".encode()).digest() for one in whole.questions
    ]
    return sorted(range(len(ranks)), key=ranks.__getitem__)


def _settings(manifest: Manifest, size: int, device: str | None) -> Settings:
    settings = manifest.settings
    return replace(
        settings, batch_size=size, tasks=None, limit=None, device=device or settings.device
    )


def _name(number: int, seed: int, size: int, limit: Limit | None) -> str:
    part = "" if limit is None else f"-limit-{limit}"
    return f"repeat-{number}-seed-{seed}-batch-{size}{part}"


def _check_model(folder: Path, manifest: Manifest, job: Job) -> None:
    """A repeat of another model would measure the difference between two models."""
    then, now = manifest.model, job.manifest().model
    if (then.weights, then.files) != (now.weights, now.files):
        old, new = then.weights | then.files, now.weights | now.files
        name = next(key for key in {**old, **new} if old.get(key) != new.get(key))
        raise EvalError(
            f"{folder}: the run asked another model: {now.path}/{name} has changed since; "
            "run rm-eval bench anew"
        )


class _Changes:
    """What repeats changed; of each 17 bytes a reply are held, hashes of its text and answer."""

    def __init__(self) -> None:
        self.n = self.texts = self.answers = self.gained = self.lost = 0

    def add(self, run: Path, whole: Dataset, repeat: Path, order: Sequence[int]) -> None:
        """Compare a repeat of these questions, asked in that order, with the run itself."""
        texts, answers = (array("q", bytes(8 * len(order))) for _ in range(2))
        right = bytearray(len(order))
        for place, again in zip(order, read_samples(repeat), strict=True):
            texts[place], answers[place] = hash(again.reply), hash(again.parsed)
            right[place] = again.correct
        asked = enumerate(one.id for one in whole.questions)
        place, wanted = next(asked)
        for one in read_samples(run):
            if one.id != wanted:
                continue
            self.n += 1
            self.texts += hash(one.reply) != texts[place]
            self.answers += hash(one.parsed) != answers[place]
            self.gained += right[place] and not one.correct
            self.lost += one.correct and not right[place]
            place, wanted = next(asked, (0, ""))


def _counted(
    changes: _Changes,
    repeats: int,
    batch_sizes: tuple[int, int],
    manifest: Manifest,
) -> Noise:
    n, flips = changes.n, changes.gained + changes.lost
    low, high = wilson(flips, n)
    now = library_versions(manifest.settings.backend)
    return Noise(
        n=n,
        repeats=repeats,
        batch_sizes=batch_sizes,
        texts=changes.texts,
        answers=changes.answers,
        gained=changes.gained,
        lost=changes.lost,
        flip_rate=flips / n,
        low=low,
        high=high,
        questions=manifest.data.questions,
        deviation=sqrt(flips / n / manifest.data.questions),
        settings_differ={
            name: (manifest.versions.get(name, "none"), version)
            for name, version in now.items()
            if manifest.versions.get(name) != version
        },
    )
