"""Attacks on questions with a short answer: hedged, doubled, empty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Final

from rm_rewards.answer_form import answer_form
from rm_rewards.records import Question

_NUMBERS: Final = tuple(str(n) for n in range(31))


def values_of(question: Question) -> Sequence[str]:
    """Every value that an answer to that question could have."""
    form = answer_form(question.type)
    if form == "yes_no":
        return ("yes", "no")
    return ("A", "B", "C", "D") if form == "letter" else _NUMBERS


def two_boxes(question: Question) -> Iterator[str]:
    """One answer, and another one after it or around it."""
    values = values_of(question)[:12]
    for one, other in permutations(values, 2):
        yield f"\\boxed{{{one}}} or \\boxed{{{other}}}"
        yield f"<answer>{one}</answer> \\boxed{{{other}}}"
        yield f"The answer is {one}. \\boxed{{{other}}}"
        if len(values) <= 4:
            yield f"\\boxed{{{one} or {other}}}"
            yield f"\\boxed{{{other}}} <answer>{one}</answer>"
            yield f"<answer>{one}</answer><answer>{other}</answer>"


def all_options(question: Question) -> Iterator[str]:
    """Every possible answer at once, in one box, in many boxes, in words."""
    values = list(values_of(question))
    yield "\\boxed{" + ", ".join(values) + "}"
    yield " ".join(f"\\boxed{{{value}}}" for value in values)
    yield " ".join(f"\\boxed{{{value}}}" for value in reversed(values))
    yield "The answer is " + " or ".join(values) + "."
    yield "\\boxed{" + "/".join(values) + "}"
    yield f"<answer>{' '.join(values)}</answer>"
    if question.options:
        yield "\\boxed{" + " ".join(question.options) + "}"
