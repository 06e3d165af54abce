"""A steering vector from traces: mean states of one kind of thought less those of the others."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from rm_eval.backends.local import check_device
from rm_eval.errors import EvalError
from rm_eval.manifest import describe_model
from rm_eval.policy import Dtype, Policy, load_policy
from rm_eval.snapshot import local_folder
from rm_eval.steering.layers import hidden_size
from rm_eval.steering.means import Means
from rm_eval.steering.states import StateReader
from rm_eval.steering.thoughts import Label
from rm_eval.steering.traces import bounds_of, read_traces
from rm_eval.steering.vector import Origin, SteeringVector, model_fingerprint, write_vector

Progress: TypeAlias = Callable[[int], None]

LEAST: Final = 10
"""Fewest thoughts of execution, and of reflection and transition together."""


@dataclass(frozen=True, slots=True)
class Made:
    """A vector that was written, and where."""

    path: Path
    vector: SteeringVector


def make_vectors(
    model: str | Path,
    traces: str | Path,
    layers: Sequence[int],
    out: str | Path,
    *,
    device: str = "cpu",
    dtype: Dtype = "auto",
    min_pixels: int | None = None,
    max_pixels: int | None = None,
    least: int = LEAST,
    progress: Progress | None = None,
) -> list[Made]:
    """Make the steering vector of each of these layers, in one pass over the traces.

    Args:
        model: A model folder, or a name on the hub.
        traces: A finished run folder, or a file with `question`, `picture` and `reply` a line.
        layers: Decoder layers, 1 for the first; the paper takes 20 of 28 (1.5B and 7B).
        out: The file. Of several layers each gets its own: `NAME-layer20.safetensors`.
        device: `cpu`, `cuda`, `cuda:1`.
        dtype: `auto` keeps the type in which the weights are stored.
        min_pixels: As the replies were made; None: as in the run, else the model's own.
        max_pixels: Likewise.
        least: Fewest thoughts of execution, and of reflection and transition together.
        progress: Called with the number of traces read so far.

    Raises:
        EvalError: If a layer does not exist, a trace cannot be read, or there are too few thoughts.
        PolicyError: If the model cannot be loaded.
        RecordError: If a line of the traces is damaged.
        OSError: If a file cannot be read or written.
    """
    if Path(out).is_dir():
        raise EvalError(f"{out}: a folder, expected the name of a file: {out}/NAME.safetensors")
    source, folder = Path(traces), local_folder(model)
    bounds = bounds_of(source)
    check_device(device)
    policy = load_policy(
        folder,
        device=device,
        dtype=dtype,
        min_pixels=bounds.min_pixels if min_pixels is None else min_pixels,
        max_pixels=bounds.max_pixels if max_pixels is None else max_pixels,
    )
    read = _read(policy, source, sorted(set(layers)), progress or _untold)
    _check_enough(source, next(iter(read.means.values())).counts, least)
    fingerprint = model_fingerprint(describe_model(folder).weights)
    made = [
        Made(
            _place(Path(out), layer, len(read.means)),
            SteeringVector(
                means.vector().astype(np.float32),
                Origin(
                    model=str(folder),
                    model_fingerprint=fingerprint,
                    layer=layer,
                    traces=read.traces,
                    traces_fingerprint=read.fingerprint,
                    thoughts={str(label): count for label, count in means.counts.items()},
                    agreement=means.agreement(),
                ),
            ),
        )
        for layer, means in read.means.items()
    ]
    for one in made:
        write_vector(one.vector, one.path)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """The means of each layer, and which traces they were taken from."""

    means: Mapping[int, Means]
    traces: int
    fingerprint: str


def _read(policy: Policy, source: Path, layers: Sequence[int], tell: Progress) -> _Read:
    means = {layer: Means(hidden_size(policy.model)) for layer in layers}
    reader = StateReader(policy, layers)
    digest, number = hashlib.sha256(), 0
    for number, trace in enumerate(read_traces(source), start=1):
        digest.update(trace.digest)
        for opening in reader.openings(trace):
            for layer, state in opening.states.items():
                means[layer].add(number, opening.label, state)
        tell(number)
    return _Read(means=means, traces=number, fingerprint=digest.hexdigest())


def _check_enough(source: Path, counts: Mapping[Label, int], least: int) -> None:
    execution, other = counts["execution"], counts["reflection"] + counts["transition"]
    wanted = max(1, least)
    if min(execution, other) < wanted:
        told = ", ".join(f"{count} {label}" for label, count in counts.items())
        raise EvalError(
            f"{source}: too few thoughts: found {told}; expected {wanted} of execution and "
            f"{wanted} of reflection and transition together; give more traces, or those of a "
            "model that thinks in paragraphs"
        )


def _place(out: Path, layer: int, count: int) -> Path:
    return out if count == 1 else out.with_name(f"{out.stem}-layer{layer}{out.suffix}")


def _untold(read: int) -> None:
    """No progress."""
    del read
