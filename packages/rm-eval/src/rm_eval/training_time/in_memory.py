"""A look from inside a training: the model in memory is asked, and the training not disturbed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final, cast

from rm_eval.backends.chat import check_texts
from rm_eval.backends.local import TransformersBackend
from rm_eval.custom import carried_task
from rm_eval.dataset import load_dataset, load_networks
from rm_eval.errors import EvalError
from rm_eval.job import Job
from rm_eval.manifest import NAME, Model, read_manifest
from rm_eval.options import Options, settings_of
from rm_eval.pictures import check_pictures
from rm_eval.policy import Policy
from rm_eval.run import measure
from rm_eval.training_time.curve import Curve
from rm_eval.training_time.plan import ASKED, folder_of, looks_in, step_of
from rm_eval.training_time.record import write_record
from rm_eval.training_time.undisturbed import trained_weights, undisturbed

TRAINED: Final = "trained"
"""The name of the weights in the manifest of such a look."""


def look_at_policy(
    policy: Policy, step: int, out: Path, asking: Options, *, name: str = "in memory"
) -> Curve:
    """Ask a model that is in training, and leave it, and all random numbers, as they were.

    A look that was begun or finished with the very weights that the model has is gone on with, so a
    training that was killed and goes on asks nothing twice. Looks at this step or a later one with
    other weights are those of a way that the training has left: they are removed.

    Args:
        policy: The model, its weights whole in this process, and its processor.
        step: How many steps it has learned.
        out: A folder in which `LookPlan.settle` has fixed what is asked.
        asking: How, as `bench` takes it; the backend is transformers.
        name: What the manifest calls the model.

    Raises:
        EvalError: If the questions or settings cannot be used.
        RecordError, OSError: If a file cannot be used, read or written.
    """
    model = cast("Any", policy.model)
    job = _job(policy, folder_of(out, step), name, asking)
    described = Model(
        path=name,
        weights={TRAINED: trained_weights(model)},
        files={},
        repetition_penalty=float(model.generation_config.repetition_penalty or 1.0),
    )
    _forget_another_way(out, step, described)
    with undisturbed(model):
        tokens = job.settings.max_new_tokens
        measure(
            job,
            model=described,
            opened_by=lambda _job: TransformersBackend(policy, max_new_tokens=tokens),
        )
    return write_record(out)


def _job(policy: Policy, folder: Path, name: str, asking: Options) -> Job:
    dataset = load_dataset(folder.parent / ASKED)
    check_texts(policy.processor, ((one.id, one.question) for one in dataset.questions))
    return Job(
        dataset=dataset,
        networks=load_networks(dataset),
        pictures=check_pictures(dataset),
        model=Path(name),
        settings=settings_of(asking),
        out=folder,
        own=carried_task(dataset.file.parent),
    )


def _forget_another_way(out: Path, step: int, model: Model) -> None:
    here = folder_of(out, step)
    if not here.is_dir() or _weights(here) == model.weights:
        return
    for folder in looks_in(out):
        if step_of(folder) >= step:
            shutil.rmtree(folder)


def _weights(folder: Path) -> dict[str, str] | None:
    """Of which weights a look is; None where it was cut off before it said so."""
    try:
        return read_manifest(folder).model.weights if (folder / NAME).is_file() else None
    except EvalError:
        return None
