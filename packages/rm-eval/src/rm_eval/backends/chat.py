"""A question as the text of a prompt, through the model's own chat template."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from rm_eval.errors import EvalError

if TYPE_CHECKING:
    from transformers import ProcessorMixin

    from rm_eval.backends.backend import Prompt


def templated(processor: ProcessorMixin, prompt: Prompt) -> str:
    """The text of the whole prompt; the picture, if there is one, is one placeholder in it."""
    shown = [] if prompt.picture is None else [{"type": "image"}]
    content = [*shown, {"type": "text", "text": prompt.text}]
    made: str = cast("Any", processor).apply_chat_template(
        [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
    )
    return made


def sha256_of(text: str) -> str:
    """What tells this text of a prompt from every other."""
    return hashlib.sha256(text.encode()).hexdigest()


def check_texts(processor: ProcessorMixin, texts: Iterable[tuple[str, str]]) -> None:
    """Refuse a text that holds one of the model's own tokens, such as a second picture.

    Args:
        processor: That of the model.
        texts: Of each question the id and the text.

    Raises:
        EvalError: At the first such question.
    """
    special = [str(token) for token in cast("Any", processor).tokenizer.all_special_tokens]
    for identity, text in texts:
        found = next((token for token in special if token in text), None)
        if found is not None:
            raise EvalError(
                f"question {identity!r}: question: found {found!r}, which is a token of the model; "
                "expected plain text"
            )
