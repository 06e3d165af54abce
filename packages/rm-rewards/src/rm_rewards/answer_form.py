"""How the answer to a type of question is written: the beginning of the type's name tells."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

AnswerForm: TypeAlias = Literal["yes_no", "letter", "number"]

OWN_TYPES: Final = "TorF, Choice or Counting"
"""What the name of a type of your own may begin with."""


def answer_form(kind: str) -> AnswerForm | None:
    """The form of the short answers to that type; None for planning, and for an unknown type.

    The published types have theirs: TorF yes or no, Counting1 a letter, Counting2 and Counting3 a
    number. A type of your own is graded without being registered here if its name begins with
    `TorF` (yes or no: `answer` 1 or 0), `Choice` (a letter: the index of the right one among its
    `options`) or `Counting` (a number).

    Example:
        >>> answer_form("ChoiceTerminal")
        'letter'
    """
    if kind.startswith("TorF"):
        return "yes_no"
    if kind == "Counting1" or kind.startswith("Choice"):
        return "letter"
    return "number" if kind.startswith("Counting") else None
