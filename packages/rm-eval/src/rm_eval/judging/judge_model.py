"""The model that judges, and the record of it in the run folder.

A run holds the verdicts of one judge under one wording: `judge.json` beside `judge.jsonl`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final

from rm_eval.atomic import write_json
from rm_eval.backends.backend import Backend
from rm_eval.backends.engine import check_vllm
from rm_eval.backends.local import check_device
from rm_eval.backends.opening import open_backend
from rm_eval.backends.server_settings import Server
from rm_eval.errors import EvalError
from rm_eval.judging.accounting import JudgeReport
from rm_eval.judging.prompt import PROMPT_SHA256, PROMPT_VERSION
from rm_eval.judging.verdicts import VERDICTS
from rm_eval.manifest import BackendName, Settings, describe_model
from rm_eval.policy import load_processor
from rm_eval.snapshot import local_folder
from rm_rewards import RecordError, jsonl

NAME: Final = "judge.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeModel:
    """What decides the verdicts.

    Attributes:
        name: The folder of the model, or what its server calls it.
        backend: What runs it.
        weights: SHA-256 over the files of a local model; empty for one behind a server.
        prompt_version, prompt: `PROMPT_VERSION` and `PROMPT_SHA256` of the wording.
        max_new_tokens: Longest text of the judge.
        fields: Further fields of each request to a server.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    name: str
    backend: BackendName
    weights: str
    prompt_version: str
    prompt: str
    max_new_tokens: int
    fields: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeManifest:
    """Whose verdicts a run holds, and what came of them for each extractor that was judged."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    schema: int = 1
    judge: JudgeModel
    reports: dict[str, JudgeReport] = field(default_factory=dict[str, JudgeReport])

    def write(self, folder: Path) -> None:
        """Write `judge.json` into the run folder."""
        write_json(asdict(self), folder / NAME)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A judge that has been looked at but not loaded."""

    model: Path
    settings: Settings

    def describe(self) -> JudgeModel:
        """The record of it; reads every file of a local model."""
        settings = self.settings
        remote = settings.backend == "openai"
        held = describe_model(self.model, remote=remote)
        files = json.dumps([held.weights, held.files], sort_keys=True).encode()
        return JudgeModel(
            name=str(self.model),
            backend=settings.backend,
            weights="" if remote else hashlib.sha256(files).hexdigest(),
            prompt_version=PROMPT_VERSION,
            prompt=PROMPT_SHA256,
            max_new_tokens=settings.max_new_tokens,
            fields=settings.server.fields if settings.server is not None else {},
        )

    def open(self) -> Backend:
        """The backend, ready to be asked.

        Raises:
            EvalError: If vLLM or the server cannot be used.
            PolicyError: If the model cannot be loaded.
        """
        return open_backend(self)


def chosen_judge(model: str | Path, settings: Settings) -> Chosen:
    """A judge, after a look at the settings.

    Raises:
        EvalError: If a setting cannot be used.
        PolicyError: If there is no such model.
    """
    for name in ("batch_size", "max_new_tokens", "engines"):
        value: int = getattr(settings, name)
        if value < 1:
            raise EvalError(f"{name}: found {value}, expected 1 or more")
    if settings.backend == "openai":
        (settings.server or Server()).check()
        return Chosen(Path(model), settings)
    folder = local_folder(model)
    if settings.backend == "vllm":
        check_vllm(folder, settings.device)
    check_device(settings.device, settings.engines)
    load_processor(folder)
    return Chosen(folder, settings)


def read_judge(folder: Path) -> JudgeManifest | None:
    """Whose verdicts a run holds; None if it was never judged.

    Raises:
        EvalError: If the record is damaged, or missing beside the verdicts.
    """
    file = folder / NAME
    if not file.is_file():
        if (folder / VERDICTS).is_file():
            raise EvalError(f"{folder}: holds {VERDICTS} but no {NAME}; move {VERDICTS} away")
        return None
    try:
        loaded: object = json.loads(file.read_bytes())
        return jsonl.parse_object(JudgeManifest, loaded, str(file))
    except (ValueError, RecursionError) as error:
        said = str(error) if isinstance(error, RecordError) else f"{file}: not JSON: {error}"
        raise EvalError(f"{said}; move it and {VERDICTS} away to judge anew") from None


def check_same_judge(written: JudgeModel, now: JudgeModel, folder: Path) -> None:
    """Refuse to mix verdicts of two judges.

    Where a local model lies and what runs it may change; its files and the wording may not.

    Raises:
        EvalError: Naming the first thing that differs.
    """
    old, new = asdict(written), asdict(now)
    same = ("weights", "prompt", "max_new_tokens", "fields")
    for name in same if now.weights else ("name", *same):
        if old[name] != new[name]:
            raise EvalError(
                f"{folder}: was judged with {name} = {_short(old[name])}, now it is "
                f"{_short(new[name])}; move {NAME} and {VERDICTS} away to judge anew"
            )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:16]}...{text[-4:]}"
