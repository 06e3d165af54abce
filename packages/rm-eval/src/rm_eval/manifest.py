"""What a run was made with: enough to tell whether another run may go on from it, or be compared.

One JSON object, `manifest.json`, written before the first reply.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, cast

from rm_eval.atomic import write_json
from rm_eval.backends.server_settings import Server
from rm_eval.backends.steering_settings import Steering
from rm_eval.errors import EvalError
from rm_eval.policy import Dtype
from rm_eval.stratified import Limit
from rm_rewards import RecordError, jsonl

BackendName: TypeAlias = Literal["transformers", "vllm", "openai"]

BATCH_SIZES: Final[Mapping[BackendName, int]] = {"transformers": 8, "vllm": 256, "openai": 64}
"""Questions at a time, unless it is said otherwise."""

NAME: Final = "manifest.json"
SCHEMA: Final = 1
_MAY_CHANGE: Final = (  # tasks and limit: what they chose is in the fingerprint
    *("model.path", "data.file", "settings.device", "settings.tasks", "settings.limit"),
    *("settings.server.base_url", "settings.server.concurrency", "settings.server.retries"),
    *("settings.server.requests_per_minute", "settings.server.timeout_s"),
    *("settings.server.key_variable", "settings.max_model_len", "settings.engines"),
    *("settings.steering.file", "settings.price_in", "settings.price_out", "settings.budget"),
    "sittings",
)
_PACKAGES: Final = (
    "rm-eval",
    "rm-rewards",
    "torch",
    "transformers",
    "tokenizers",
    "safetensors",
    "pillow",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that was chosen for a run apart from model and questions file."""

    backend: BackendName = "transformers"
    tasks: tuple[str, ...] | None = None
    limit: Limit | None = None
    blind: bool = False
    batch_size: int = 8
    max_new_tokens: int = 2048
    seed: int = 0
    reward: str = "rewardmap"
    device: str = "cpu"
    dtype: Dtype = "auto"
    min_pixels: int | None = None
    max_pixels: int | None = None
    max_model_len: int | None = None
    engines: int = 1
    server: Server | None = None
    steering: Steering | None = None
    price_in: float | None = None
    price_out: float | None = None
    budget: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Which questions: the file, the SHA-256 of the records and of their pictures.

    `task_file` names the file of a task of one's own, with its SHA-256.
    """

    file: str
    questions: int
    fingerprint: str
    pictures: str
    task_file: dict[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Which model: the folder, and the SHA-256 of every file in it that decides what it says.

    Of a model behind a server the name alone is known.
    """

    path: str
    weights: dict[str, str]
    files: dict[str, str]
    repetition_penalty: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a run was made with. `reward_version` names the reward and its specification.

    `sittings` tell on what device, in what type and by what attention the replies were computed;
    there are several only where the run was gone on with elsewhere.
    """

    schema: int = SCHEMA
    model: Model
    data: Data
    settings: Settings
    reward_version: str
    versions: dict[str, str]
    sittings: tuple[dict[str, str], ...] = ()

    def write(self, folder: Path) -> None:
        """Write `manifest.json` into the folder."""
        write_json(asdict(self), folder / NAME)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a run.

    Raises:
        EvalError: If the folder is not that of a run, or its manifest is damaged.
    """
    file = folder / NAME
    if not file.is_file():
        raise EvalError(f"{folder}: no {NAME} there, expected the folder of an rm-eval run")
    try:
        loaded: object = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise EvalError(f"{file}: not JSON: {error}") from None
    try:
        return jsonl.parse_object(Manifest, loaded, str(file))
    except RecordError as error:
        raise EvalError(str(error)) from None


def check_same(written: Manifest, now: Manifest, folder: Path) -> None:
    """Refuse to go on with a run that was made differently.

    Where model and questions lie may change, and the device; what they hold may not.

    Raises:
        EvalError: Naming the first thing that differs, with both values.
    """
    old, new = _identity(written), _identity(now)
    for name in {**old, **new}:
        if old.get(name) != new.get(name):
            raise EvalError(
                f"{folder}: was begun with {name} = {_short(old.get(name))}, now it is "
                f"{_short(new.get(name))}; take another --out, or the same settings to go on"
            )


def library_versions(backend: str = "transformers") -> dict[str, str]:
    """The versions of Python and of the libraries that decide what a model says."""
    names = (*_PACKAGES, "vllm") if backend == "vllm" else _PACKAGES
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def describe_model(folder: Path, *, remote: bool = False) -> Model:
    """The model in a folder, and its base model where it is an adapter.

    Args:
        folder: The folder, or the name of a model behind a server.
        remote: Whether it is such a name.
    """
    if remote:
        return Model(
            path=str(folder), weights={}, files={"name": str(folder)}, repetition_penalty=1.0
        )
    weights: dict[str, str] = {}
    files: dict[str, str] = {}
    for place in (folder, *_base_of(folder)):
        prefix = "" if place == folder else "base/"
        for file in sorted(place.iterdir()):
            if file.suffix in (".safetensors", ".bin"):
                weights[prefix + file.name] = _sha256(file)
            elif file.suffix in (".json", ".jinja", ".txt", ".model"):
                files[prefix + file.name] = _sha256(file)
    settings = folder / "generation_config.json"
    penalty = _json(settings).get("repetition_penalty") if settings.is_file() else None
    return Model(
        path=str(folder), weights=weights, files=files, repetition_penalty=float(penalty or 1.0)
    )


def _base_of(folder: Path) -> tuple[Path, ...]:
    adapter = folder / "adapter_config.json"
    if not adapter.is_file():
        return ()
    base = Path(str(_json(adapter).get("base_model_name_or_path", "")))
    return (base,) if base.is_dir() else ()


def _json(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_bytes()))
    except (ValueError, TypeError, RecursionError) as error:
        raise EvalError(f"{file}: not a JSON object: {error}") from None


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _identity(manifest: Manifest) -> dict[str, object]:
    held = dict(flat(asdict(manifest)))
    return {name: value for name, value in held.items() if name not in _MAY_CHANGE}


def flat(held: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """The values of nested mappings by the path to each, such as `server.base_url`."""
    for name, value in held.items():
        if isinstance(value, dict):
            yield from flat(cast("dict[str, Any]", value), f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:16]}...{text[-4:]}"
