"""From the settings of a run to the backend that answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Protocol

from rm_eval.backends.backend import Backend
from rm_eval.backends.engine import Engine
from rm_eval.backends.local import TransformersBackend
from rm_eval.backends.offline import VllmBackend
from rm_eval.backends.openai_server import OpenAIBackend
from rm_eval.backends.pool import VllmPool
from rm_eval.backends.server_settings import Server
from rm_eval.manifest import Settings
from rm_eval.policy import load_policy
from rm_eval.steering.applying import opened_steering


class Chosen(Protocol):
    """A model, and how it is to be run."""

    @property
    def model(self) -> Path:
        """The folder of the model; behind a server its name."""
        ...

    @property
    def settings(self) -> Settings:
        """What was chosen of the backend."""
        ...


def open_backend(job: Chosen) -> Backend:
    """The backend of a run, ready to be asked.

    Raises:
        EvalError: If vLLM or the server cannot be used.
        PolicyError: If the model cannot be loaded.
    """
    return _OPEN[job.settings.backend](job)


def _transformers(job: Chosen) -> Backend:
    settings = job.settings
    policy = load_policy(
        job.model,
        device=settings.device,
        dtype=settings.dtype,
        min_pixels=settings.min_pixels,
        max_pixels=settings.max_pixels,
    )
    chosen = settings.steering
    steered = None if chosen is None else opened_steering(policy, chosen)
    return TransformersBackend(policy, max_new_tokens=settings.max_new_tokens, steered=steered)


def _vllm(job: Chosen) -> Backend:
    settings = job.settings
    engine = Engine(
        model=job.model,
        device=settings.device,
        dtype=settings.dtype,
        min_pixels=settings.min_pixels,
        max_pixels=settings.max_pixels,
        max_model_len=settings.max_model_len,
        max_new_tokens=settings.max_new_tokens,
    )
    return VllmBackend(engine) if settings.engines == 1 else VllmPool(engine, settings.engines)


def _openai(job: Chosen) -> Backend:
    settings = job.settings
    return OpenAIBackend(
        str(job.model),
        settings.server or Server(),
        max_new_tokens=settings.max_new_tokens,
        min_pixels=settings.min_pixels,
        max_pixels=settings.max_pixels,
    )


_OPEN: Final[Mapping[str, Callable[[Chosen], Backend]]] = {
    "transformers": _transformers,
    "vllm": _vllm,
    "openai": _openai,
}
