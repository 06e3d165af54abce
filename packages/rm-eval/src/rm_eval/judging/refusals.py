"""A judge's server that refuses some texts, as content filters do: those stay without a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rm_eval.backends.backend import Prompt, Reply
from rm_eval.backends.window import Answering
from rm_eval.errors import EvalError, RefusedError

_ENOUGH: Final = 8
"""So many refusals, and nothing else, are the fault of the request and not of the texts."""


class Forgiving:
    """Answers as the backend does, but with an empty text where a prompt was refused."""

    def __init__(self, backend: Answering) -> None:
        self._backend = backend
        self._asked: dict[int, str] = {}
        self._refused: set[str] = set()
        self._answered = False

    def begin(self, place: int, prompt: Prompt) -> None:
        """As the backend."""
        self._asked[place] = prompt.picture_key
        self._backend.begin(place, prompt)

    def finished(self) -> Sequence[tuple[int, Reply | EvalError]]:
        """As the backend; a refusal stands as an error only where nothing was ever answered."""
        return [(place, self._forgiven(place, one)) for place, one in self._backend.finished()]

    def abandon(self) -> None:
        """As the backend."""
        self._asked.clear()
        self._backend.abandon()

    def _forgiven(self, place: int, found: Reply | EvalError) -> Reply | EvalError:
        asked = self._asked.pop(place)
        if not isinstance(found, RefusedError):
            self._answered |= isinstance(found, Reply)
            return found
        self._refused.add(asked)
        if len(self._refused) >= _ENOUGH and not self._answered:
            return found
        return Reply("", None, "stop")
