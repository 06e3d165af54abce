"""What runs a model: prompts go in, one greedy reply to each comes out, in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class Prompt:
    """One user turn: the picture, if there is one, then the text.

    Attributes:
        question_id: For messages only.
        picture: As the model is to see it, in RGB; None for a turn of text alone.
        picture_key: What tells the picture apart from every other of the run; of its own for each
            turn without one.
        file: Where the picture comes from; None where it was made.
    """

    question_id: str
    picture: Image | None
    text: str
    picture_key: str
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model said.

    Attributes:
        text: Without special tokens.
        tokens: Generated tokens, the end of turn included.
        finish_reason: `length` if the reply was cut off at the limit.
        visual_tokens: How many tokens of the prompt stood for the picture; None where the backend
            does not tell.
        prompt_tokens: All tokens of the prompt, likewise.
        cached_tokens: How many of those were not computed anew, likewise.
        seconds: From asking to the whole reply; None where replies are made together.
        model: What the server says that the model is called; None where no server is asked.
        prompt_sha256: Of the prompt's text after the chat template; of the message, as it was sent,
            where a server applies the template.
    """

    text: str
    tokens: int | None
    finish_reason: Literal["stop", "length"]
    visual_tokens: int | None = None
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    seconds: float | None = None
    model: str | None = None
    prompt_sha256: str | None = None


class Backend(Protocol):
    """A model that is ready to be asked."""

    def replies(self, prompts: Sequence[Prompt]) -> list[Reply]:
        """One greedy reply a prompt, in order.

        Raises:
            EvalError: If a prompt cannot be answered: naming the question and the way out.
        """
        ...

    def close(self) -> None:
        """Let go of the model or of the connections."""
        ...
