"""A question of a benchmark with its answer: what a prompt is made of and a reply is held against.

On disk one JSON object a line (`items.jsonl` beside `questions.jsonl`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import Any, ClassVar, Final, Literal, TypeAlias

from rm_rewards import Question, RecordError

Form: TypeAlias = Literal["choice", "yes_no", "number", "text"]

ITEMS: Final = "items.jsonl"

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FORMS: Final[dict[str, Form]] = {
    "TorF1": "yes_no",
    "TorF2": "yes_no",
    "Counting1": "choice",
    "Counting2": "number",
    "Counting3": "number",
}
PLUS: Final = "reasonmap-plus"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One row of a benchmark.

    Attributes:
        id: Unique in the benchmark.
        task: The benchmark, such as `mmstar`.
        form: What an answer looks like.
        answer: The right one: a letter, `yes` or `no`, a number as digits, or a text.
        options: Letter -> text, in order; only where there are any.
        category: The first division that the benchmark reports by.
        leaf: A finer one, or the kind of question where the official scorer needs it.
        cluster: What questions have in common that makes them dependent: the question of which an
            item is a permutation, the picture, the city. Empty where it is not known.
        cycle: Which permutation of the options, in a benchmark that asks each question again.
        weight: In a weighted accuracy.
        answer_text: The right answer in words, where a scorer looks for that.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    id: str
    task: str
    form: Form
    answer: str
    options: dict[str, str] = field(default_factory=dict[str, str])
    category: str = ""
    leaf: str = ""
    cluster: str = ""
    cycle: str = ""
    weight: float = 1.0
    answer_text: str = ""

    def __post_init__(self) -> None:
        if not 0.0 < self.weight < inf:
            raise RecordError("weight", self.weight, "a number above 0")


def item_of(question: Question) -> Item | None:
    """The item of a ReasonMap-Plus question; None for a question of another kind."""
    form = _FORMS.get(question.type)
    if form is None or question.answer is None:
        return None
    answers = {
        "yes_no": "yes" if question.answer else "no",
        "choice": _LETTERS[question.answer] if question.answer < len(_LETTERS) else "",
        "number": str(question.answer),
    }
    texts = question.options or ("",) * 4
    grades = {"easy": 1.0, "middle": 1.5, "hard": 2.0}
    return Item(
        id=question.id,
        task=PLUS,
        form=form,
        answer=answers[form],
        options=dict(zip(_LETTERS, texts, strict=False)) if form == "choice" else {},
        category="TorF" if form == "yes_no" else "Counting",
        leaf=question.type,
        cluster=question.city,
        weight=grades[question.difficulty_city],
    )
