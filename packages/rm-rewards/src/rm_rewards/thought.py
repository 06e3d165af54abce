"""Which part of a reply is its answer: reasoning in `<think>` set aside, `<answer>` preferred."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_ANSWER: Final = re.compile(r"<answer>", re.IGNORECASE)
_ANSWER_END: Final = re.compile(r"</answer>", re.IGNORECASE)
_THINK: Final = re.compile(r"<think(?:ing)?>", re.IGNORECASE)
_THINK_END: Final = re.compile(r"</think(?:ing)?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A reply without its reasoning.

    Attributes:
        text: What stands after the reasoning; the whole reply where there is none.
        answer: What the last `<answer>` holds, or None.
        fault: "" or the code of what is wrong: `unclosed_think`, `answer_inside_think`.
    """

    text: str
    answer: str | None
    fault: str = ""


def spoken(reply: str) -> Spoken:
    """Set the reasoning aside."""
    ends = list(_THINK_END.finditer(reply))
    if ends:
        rest = reply[ends[-1].end() :]
        if rest.strip():
            return Spoken(text=rest, answer=_tagged(rest))
        return Spoken(text=reply, answer=_tagged(reply), fault="answer_inside_think")
    if _THINK.search(reply):
        return Spoken(text=reply, answer=_tagged(reply), fault="unclosed_think")
    return Spoken(text=reply, answer=_tagged(reply))


def _tagged(text: str) -> str | None:
    starts = list(_ANSWER.finditer(text))
    if not starts:
        return None
    inside = text[starts[-1].end() :]
    return _ANSWER_END.split(inside, maxsplit=1)[0]
