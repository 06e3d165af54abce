"""How much of a number is chance alone: the same questions again, in other company.

Greedy replies should not depend on what else is in a batch. In half precision they do, because sums
are taken in another order; a repeat in another order and batch size shows how often that turns a
right reply into a wrong one. A difference between two models has to be seen beside that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from math import sqrt
from pathlib import Path
from typing import Final

from rm_eval.atomic import write_json
from rm_eval.dataset import Dataset, load_dataset
from rm_eval.errors import EvalError
from rm_eval.intervals import wilson
from rm_eval.job import QUESTIONS, REWARDS, Job, checked_job
from rm_eval.manifest import Manifest, library_versions, read_manifest
from rm_eval.run import measure
from rm_eval.samples import Sample, read_samples
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
    pairs: list[tuple[Sample, Sample]] = []
    for number in range(repeats):
        job = _job(folder, manifest, whole, size, device, (number, seed, limit))
        _check_model(folder, manifest, job)
        measure(job, progress=progress)
        pairs += _paired(folder, job.out)
    found = _counted(pairs, repeats, (manifest.settings.batch_size, size), manifest)
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


def _job(
    folder: Path,
    manifest: Manifest,
    whole: Dataset,
    size: int,
    device: str | None,
    repeat: tuple[int, int, Limit | None],
) -> Job:
    number, seed, limit = repeat

    def rank(identity: str) -> bytes:
        return hashlib.sha256(f"{seed}:{number}:{identity}".encode()).digest()

    ranks = [rank(one.id) for one in whole.questions]
    shuffled = whole.picked(sorted(range(len(ranks)), key=lambda place: ranks[place]))
    settings = replace(
        manifest.settings,
        batch_size=size,
        tasks=None,
        limit=None,
        device=device or manifest.settings.device,
    )
    part = "" if limit is None else f"-limit-{limit}"
    out = folder / REPEATS / f"repeat-{number}-seed-{seed}-batch-{size}{part}"
    return checked_job(manifest.model.path, shuffled, settings, out)


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


def _paired(folder: Path, repeat: Path) -> Iterator[tuple[Sample, Sample]]:
    again = {one.id: one for one in read_samples(repeat)}
    for one in read_samples(folder):
        if one.id in again:
            yield one, again[one.id]


def _counted(
    pairs: Sequence[tuple[Sample, Sample]],
    repeats: int,
    batch_sizes: tuple[int, int],
    manifest: Manifest,
) -> Noise:
    gained = sum(not a.correct and b.correct for a, b in pairs)
    lost = sum(a.correct and not b.correct for a, b in pairs)
    n, flips = len(pairs), gained + lost
    low, high = wilson(flips, n)
    now = library_versions(manifest.settings.backend)
    return Noise(
        n=n,
        repeats=repeats,
        batch_sizes=batch_sizes,
        texts=sum(a.reply != b.reply for a, b in pairs),
        answers=sum(a.parsed != b.parsed for a, b in pairs),
        gained=gained,
        lost=lost,
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
