"""A question as the text of a prompt, through the model's own chat template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from rm_eval.errors import EvalError

if TYPE_CHECKING:
    from transformers import ProcessorMixin


def templated(processor: ProcessorMixin, text: str) -> str:
    """The prompt of one picture and this text; the picture is one placeholder in it."""
    content = [{"type": "image"}, {"type": "text", "text": text}]
    made: str = cast("Any", processor).apply_chat_template(
        [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
    )
    return made


def check_texts(processor: ProcessorMixin, texts: Mapping[str, str]) -> None:
    """Refuse a text that holds one of the model's own tokens, such as a second picture.

    Args:
        processor: That of the model.
        texts: The text of each question by the question's id.

    Raises:
        EvalError: At the first such question.
    """
    special = [str(token) for token in cast("Any", processor).tokenizer.all_special_tokens]
    for identity, text in texts.items():
        found = next((token for token in special if token in text), None)
        if found is not None:
            raise EvalError(
                f"question {identity!r}: question: found {found!r}, which is a token of the model; "
                "expected plain text"
            )
