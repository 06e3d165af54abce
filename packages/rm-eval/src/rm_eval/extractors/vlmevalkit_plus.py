"""How VLMEvalKit reads ReasonMap-Plus (its data set class of #1276, after the paper).

It is not the published scorer: a letter is looked for in any case, so that the article `a` is an
option; of several numbers the first counts; a box ends at its first closing brace.
"""

from __future__ import annotations

import re
from typing import Final

from rm_eval.extractors.extraction import UNPARSED, Extraction, Rule
from rm_eval.item import Item

_BOX: Final = re.compile(r"(?i)boxed\{([^}]*)\}")
_END: Final = re.compile(r"\n|\. |\.$")
_LETTER: Final = re.compile(r"(?i)\b([ABCD])\b")
_NUMBER: Final = re.compile(r"[-+]?\d+")
_PHRASES: Final = (
    *("the final answer is", "final answer is", "the answer is", "answer is"),
    *("the correct answer is", "correct answer is"),
    *("final answer:", "final:", "answer:", "ans:"),
)
_WORDS: Final = {
    **dict.fromkeys(("yes", "y", "true", "t", "1"), "yes"),
    **dict.fromkeys(("no", "n", "false", "f", "0"), "no"),
}


def read_plus(item: Item, reply: str) -> Extraction:
    """Yes or no, a letter, or a number: out of the candidate, else out of the whole reply."""
    text = reply.strip()
    candidate, rule = _candidate(text)
    value = _in_form(item, candidate)
    if value is not None:
        return Extraction(value, rule)
    value = _in_form(item, text)
    return UNPARSED if value is None else Extraction(value, "whole")


def _candidate(text: str) -> tuple[str, Rule]:
    boxes = _BOX.findall(text[: text.rfind("}") + 1])  # cut, so that each box is closed
    boxed = boxes[-1].strip() if boxes else ""
    if boxed:
        return boxed, "boxed"
    lowered = text.lower()
    for phrase in _PHRASES:
        if phrase in lowered:
            tail = text[lowered.rfind(phrase) + len(phrase) :].strip()
            return _END.split(tail, maxsplit=1)[0].strip(), "phrase"
    return text, "whole"


def _in_form(item: Item, text: str) -> str | None:
    if item.form == "yes_no":
        return _WORDS.get(text.strip().lower())
    if item.form == "choice":
        letter = _LETTER.search(text)
        return letter[1].upper() if letter else None
    number = _NUMBER.search(text)
    return str(int(number[0])) if number and len(number[0]) <= _LONGEST_NUMBER else None


_LONGEST_NUMBER: Final = 4_000  # Python itself refuses a number of more digits
