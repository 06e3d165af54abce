"""Questions with lettered options: how they are written for the model, byte for byte."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rm_eval.benchmarks.benchmark import Entry
from rm_eval.errors import EvalError
from rm_eval.item import Item
from rm_eval.sources.row import Row
from rm_rewards import Question

_TAIL: Final = "Please select the correct answer from the options above. \n"
"""VLMEvalKit's own ending; the blank and the line end belong to it."""


def vlmevalkit_prompt(question: str, options: Mapping[str, str], hint: str = "") -> str:
    r"""The prompt of VLMEvalKit without a model's own (`use_custom_prompt=False`).

    Example:
        >>> vlmevalkit_prompt("Which?", {"A": "red", "B": "blue"}).splitlines()[:3]
        ['Question: Which?', 'Options:', 'A. red']
    """
    hinted = f"Hint: {hint}\n" if hint else ""
    listed = "".join(f"{letter}. {text}\n" for letter, text in options.items())
    return f"{hinted}Question: {question}\n" + (f"Options:\n{listed}{_TAIL}" if options else "")


def plain_prompt(question: str, options: Mapping[str, str], ending: str) -> str:
    """The question, its options one a line, and the ending: lmms-eval's form."""
    listed = "\n".join(f"{letter}. {text}" for letter, text in options.items())
    return f"{question}\n{listed}\n{ending}"


def letter_of(row: Row, options: Mapping[str, str], *names: str) -> str:
    """The letter of the right option.

    Raises:
        EvalError: If it is not that of one of the options.
    """
    letter = row.text(*names).strip().upper()
    if letter not in options:
        raise EvalError(
            f"{row.where}: {names[0]}: found {letter[:40]!r}, expected one of {', '.join(options)}"
        )
    return letter


def choice_entry(item: Item, prompt: str, stem: str) -> Entry:
    """The entry of an item with options."""
    letters = list(item.options)
    question = Question(
        id=f"{item.task}:{item.id}",
        type=item.task,
        question=prompt,
        answer=letters.index(item.answer) if item.answer in letters else None,
        options=tuple(item.options.values()) or None,
    )
    return Entry(question, item, stem)
