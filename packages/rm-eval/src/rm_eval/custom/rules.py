"""How replies to a task of one's own are read: by a rule, or as an extractor reads such answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rm_eval.extractors import EXTRACTORS, PAPER
from rm_eval.extractors.boxed import read_boxed
from rm_eval.extractors.extraction import Extractor, Protocol
from rm_eval.extractors.relaxed import read_whole, relaxed
from rm_eval.item import PLUS, Form, Item

REPRESENTATIVES: Final[Mapping[Form, str]] = {
    "choice": "mmstar",
    "text": "chartqa",
    "yes_no": PLUS,
    "number": PLUS,
}
"""The built-in benchmark that extractors read like a task of that form."""


def same_text(item: Item, value: str) -> bool:
    """Whether that is the answer, capitals and blanks around it aside."""
    return value.strip().lower() == item.answer.strip().lower()


def metrics_of(form: Form) -> dict[str, Protocol]:
    r"""The protocols for answers of a form, by the names that a task file may use.

    `exact`: the whole reply is the answer. `relaxed`: ChartQA's, numbers within 5 %. `letter`: as
    VLMEvalKit finds the option at the paper. `boxed`: the last `\boxed{}`. Then the extractors
    that score such answers.
    """
    alike = REPRESENTATIVES[form]
    rules = {"exact": Protocol(read_whole, same_text)}
    if form == "choice":
        rules["letter"] = EXTRACTORS[PAPER].tasks[alike]
    if form in ("text", "number"):
        rules["relaxed"] = Protocol(read_whole, relaxed)
    rules["boxed"] = Protocol(read_boxed, same_text)
    known = {one.name: one.tasks[alike] for one in EXTRACTORS.values() if one.scores(alike)}
    return {**known, **rules}


def reading_also(extractor: Extractor, task: str, forms: Sequence[Form]) -> Extractor:
    """The extractor with a task of one's own among its benchmarks, if it reads all those forms."""
    if not all(extractor.scores(REPRESENTATIVES[form]) for form in forms):
        return extractor
    protocols = {form: extractor.tasks[REPRESENTATIVES[form]] for form in forms}
    protocol = Protocol(
        lambda item, reply: protocols[item.form].read(item, reply),
        lambda item, value: protocols[item.form].right(item, value),
    )
    return Extractor(extractor.name, extractor.follows, {**extractor.tasks, task: protocol})
