"""A steering vector on disk: one safetensors file that says what it was made of, and for what."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, cast

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file  # pyright: ignore[reportUnknownVariableType]

from rm_eval.atomic import placed
from rm_eval.backends.steering_settings import Steering
from rm_eval.errors import EvalError
from rm_rewards import jsonl

SCHEMA: Final = 1
_TENSOR: Final = "steering_vector"
_METADATA: Final = "rm_eval_steering"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a vector comes from.

    Attributes:
        model: Where the model lay.
        model_fingerprint: Its weights, by `model_fingerprint`.
        layer: The decoder layer, 1 for the first, whose output the vector is added to.
        traces: How many replies were read, and `traces_fingerprint` the SHA-256 over them, their
            questions and their pictures.
        thoughts: Thoughts by label.
        agreement: The cosine of the vectors that every other trace alone would give; None where one
            of the halves lacks a kind of thought. Near 1 the vector is the model's, near 0 it is
            chance.
        schema: Of this record.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    model: str
    model_fingerprint: str
    layer: int
    traces: int
    traces_fingerprint: str
    thoughts: dict[str, int]
    agreement: float | None
    schema: int = SCHEMA


@dataclass(frozen=True, slots=True, eq=False)
class SteeringVector:
    """S = mean(H_execution) - mean(H_reflection and H_transition), float32, (width,)."""

    values: NDArray[np.float32]
    origin: Origin


def model_fingerprint(weights: Mapping[str, str]) -> str:
    """One SHA-256 for the weights of a model, from that of each of its files."""
    return hashlib.sha256(json.dumps(sorted(weights.items())).encode()).hexdigest()


def write_vector(vector: SteeringVector, path: Path) -> None:
    """Write the vector; the file appears whole or not at all."""
    with placed(path) as beside:
        save_file({_TENSOR: vector.values}, beside, {_METADATA: json.dumps(asdict(vector.origin))})


def read_vector(path: Path) -> SteeringVector:
    """The vector in a file.

    Raises:
        EvalError: If it is not a file of `rm-eval steer make`, of another schema, or damaged.
        RecordError: If what it says of itself is not what it should be.
        OSError: If it cannot be opened.
    """
    path.open("rb").close()  # safetensors would not name the file
    try:
        with cast("Any", safe_open)(path, framework="numpy") as opened:
            metadata: dict[str, str] | None = opened.metadata()
            values: NDArray[Any] | None = (
                opened.get_tensor(_TENSOR) if _TENSOR in list(opened.keys()) else None
            )
    except SafetensorError as error:
        raise EvalError(f"{path}: no safetensors file, or a damaged one: {error}") from None
    held = (metadata or {}).get(_METADATA)
    if held is None or values is None:
        raise EvalError(f"{path}: no steering vector; make one with rm-eval steer make")
    origin = jsonl.parse(Origin, held, f"{path}: metadata")
    _check(path, values, origin)
    return SteeringVector(values.astype(np.float32), origin)


def chosen_steering(path: Path, strength: float) -> Steering:
    """The settings of a run that is steered by that file.

    Raises:
        EvalError, OSError: As `read_vector`; also if the strength is no number.
    """
    if not np.isfinite(strength):
        raise EvalError(f"steer strength: found {strength}, expected a number such as 1.0")
    origin = read_vector(path).origin
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Steering(
        file=str(path),
        sha256=digest,
        model_fingerprint=origin.model_fingerprint,
        layer=origin.layer,
        strength=strength,
    )


def check_model(steering: Steering, model: Path, weights: Mapping[str, str]) -> None:
    """Refuse a vector that was made with the states of another model.

    Raises:
        EvalError: Naming both.
    """
    if steering.model_fingerprint != model_fingerprint(weights):
        raise EvalError(
            f"{steering.file}: made for a model with other weights "
            f"({steering.model_fingerprint[:12]}...) than {model}; make one for this model with "
            "rm-eval steer make"
        )


def _check(path: Path, values: NDArray[Any], origin: Origin) -> None:
    if origin.schema != SCHEMA:
        raise EvalError(f"{path}: schema: found {origin.schema}, expected {SCHEMA}; make it anew")
    if values.ndim != 1 or values.dtype.kind != "f" or not np.isfinite(values).all():
        raise EvalError(
            f"{path}: {_TENSOR}: found {values.dtype} of {values.shape}, expected "
            "one row of finite numbers"
        )
