r"""The strict reading: what the last `\boxed{}` holds, and nothing else."""

from __future__ import annotations

import re
from typing import Final

from rm_eval.extractors.extraction import UNPARSED, Extraction
from rm_eval.item import Item

_OPENED: Final = re.compile(r"\\boxed\s*\{")
_BRACE: Final = re.compile(r"[{}]")
_WRAPPED: Final = re.compile(r"\\(?:text|mathrm|mathbf|textbf)\s*\{([^{}]*)\}")
_LETTER: Final = re.compile(r"\(?([A-Za-z])(?:[).:]\s*.*)?", re.DOTALL)
_NUMBER: Final = re.compile(r"[-+]?\d{1,4000}")


def read_boxed(item: Item, reply: str) -> Extraction:
    r"""The answer in the last box that is closed, `\text{}` and the like taken off.

    A letter may stand alone or lead its option (`B. blue`); yes, no and numbers stand alone; a text
    is taken as it is.
    """
    content = _last_box(reply)
    if content is None:
        return UNPARSED
    value = _in_form(item, _WRAPPED.sub(r"\1", content).strip())
    return UNPARSED if value is None else Extraction(value, "boxed")


def _last_box(reply: str) -> str | None:
    opened = {found.end() - 1 for found in _OPENED.finditer(reply)}
    inside: list[int] = []
    last: tuple[int, int] | None = None
    for brace in _BRACE.finditer(reply):
        if brace[0] == "{":
            inside.append(brace.start())
        elif inside:
            start = inside.pop()
            if start in opened:
                last = max(last or (start, 0), (start, brace.start()))
    return None if last is None else reply[last[0] + 1 : last[1]]


def _in_form(item: Item, text: str) -> str | None:
    if item.form == "text":
        return text or None
    plain = text.rstrip(".")
    if item.form == "yes_no":
        return plain.lower() if plain.lower() in ("yes", "no") else None
    if item.form == "number":
        return str(int(plain)) if _NUMBER.fullmatch(plain) else None
    letter = _LETTER.fullmatch(plain)
    found = letter[1].upper() if letter else ""
    return found if found in item.options else None
