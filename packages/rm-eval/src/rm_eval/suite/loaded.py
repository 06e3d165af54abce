"""A model that is described and loaded once for all its runs."""

from __future__ import annotations

from types import TracebackType

from rm_eval.backends.backend import Backend
from rm_eval.backends.opening import open_backend
from rm_eval.job import Job
from rm_eval.manifest import Model, describe_model


class Loaded:
    """Loads its model when a question is first to be asked, and keeps it until the end.

    All jobs that it is given must be of one model and one choice of backend.
    """

    def __init__(self) -> None:
        self._model: Model | None = None
        self._backend: Backend | None = None

    def model(self, job: Job) -> Model:
        """What the manifest says of the model; its files are read once."""
        if self._model is None:
            remote = job.settings.backend == "openai"
            self._model = describe_model(job.model, remote=remote)
        return self._model

    def backend(self, job: Job) -> Backend:
        """What answers.

        Raises:
            EvalError, PolicyError: If the model cannot be loaded.
        """
        if self._backend is None:
            self._backend = open_backend(job)
        return self._backend

    def drop(self) -> None:
        """Let go of what answers, which may not be what it was; the next question loads it anew."""
        if self._backend is not None:
            backend, self._backend = self._backend, None
            backend.close()

    def __enter__(self) -> Loaded:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.drop()
