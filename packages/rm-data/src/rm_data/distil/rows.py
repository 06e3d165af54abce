"""Rows for supervised fine-tuning: ShareGPT and TRL's prompt and completion, as JSON."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from rm_rewards import Question, RecordError, gold_answer

Row: TypeAlias = dict[str, object]


def row(question: Question, answer: str, form: str, *, base: Path, out: Path) -> Row:
    """One row; its picture's path is relative to the folder `out`.

    Args:
        question: The question; its picture's path is relative to `base`.
        answer: What the model shall learn to say.
        form: A key of `FORMS`.
        base: The folder of the questions file.
        out: The folder of the rows.

    Raises:
        RecordError: For an unknown form.
    """
    if form not in FORMS:
        raise RecordError("form", form, f"one of {', '.join(FORMS)}")
    images = []
    if question.figure is not None:
        images = [Path(os.path.relpath((base / question.figure).absolute(), out)).as_posix()]
    return FORMS[form](question, answer, images)


def truth(question: Question) -> str:
    """The right answer in the form that the question asks for.

    Raises:
        RecordError: If the record lacks it.
    """
    return gold_answer(question)


def _sharegpt(question: Question, answer: str, images: list[str]) -> Row:
    shown = "<image> " if images else ""
    turns = [
        {"from": "human", "value": f"{shown}{question.question}"},
        {"from": "gpt", "value": answer},
    ]
    return {"id": question.id, "conversations": turns, "images": images}


def _trl(question: Question, answer: str, images: list[str]) -> Row:
    return {
        "id": question.id,
        "prompt": [{"role": "user", "content": question.question}],
        "completion": [{"role": "assistant", "content": answer}],
        "images": images,
    }


FORMS: Final[Mapping[str, Callable[[Question, str, list[str]], Row]]] = {
    "sharegpt": _sharegpt,
    "trl": _trl,
}
"""`sharegpt`: `conversations` with `<image> ` before the question, as the published supervised data
of ReasonMap; `trl`: `prompt` and `completion`, of which the loss sees the completion alone."""
