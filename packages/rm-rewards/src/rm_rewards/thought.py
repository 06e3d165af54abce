"""Which part of a reply is its answer: reasoning in `<think>` set aside, `<answer>` preferred."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_ANSWER: Final = re.compile(r"<answer>", re.IGNORECASE)
_ANSWER_END: Final = re.compile(r"</answer>", re.IGNORECASE)
_THINK: Final = re.compile(r"<think(?:ing)?>", re.IGNORECASE)
_THINK_END: Final = re.compile(r"</think(?:ing)?>", re.IGNORECASE)


LONGEST_READ: Final = 20_000
"""How many characters are read, from the end, of what stands after the reasoning."""
_WINDOW: Final = 4_096
_LONGEST_TAG: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A reply without its reasoning.

    Attributes:
        text: What stands after the reasoning, or the whole reply where there is none; the last
            `LONGEST_READ` characters of it.
        answer: What the last `<answer>` holds, or None.
        around: What stands around the last `<answer>`; the text where there is none.
        fault: "" or the code of what is wrong: `unclosed_think`, `answer_inside_think`.
        cut: "" or `too_long`, where there was more than is read.
    """

    text: str
    answer: str | None
    around: str
    fault: str = ""
    cut: str = ""


def spoken(reply: str) -> Spoken:
    """Set the reasoning aside."""
    end = _after_last(_THINK_END, reply)
    if end:
        rest = reply[end:]
        return _said(rest) if rest.strip() else _said(reply, "answer_inside_think")
    return _said(reply, "unclosed_think" if _THINK.search(reply) else "")


def _said(text: str, fault: str = "") -> Spoken:
    read = text[-LONGEST_READ:]
    cut = "too_long" if len(text) > LONGEST_READ else ""
    start = _after_last(_ANSWER, read)
    if not start:
        return Spoken(text=read, answer=None, around=read, fault=fault, cut=cut)
    answer, *rest = _ANSWER_END.split(read[start:], maxsplit=1)
    around = "\n".join((read[:start], *rest))
    return Spoken(text=read, answer=answer, around=around, fault=fault, cut=cut)


def tagged(text: str) -> list[str]:
    """What each `<answer>` of a text holds, in order."""
    if "<" not in text:
        return []
    return [_ANSWER_END.split(part, maxsplit=1)[0] for part in _ANSWER.split(text)[1:]]


def _after_last(tag: re.Pattern[str], text: str) -> int:
    """Where the last such tag ends, sought from the end of the text; 0 if there is none."""
    if "<" not in text:
        return 0
    stop = len(text)
    while stop > 0:
        start = max(0, stop - _WINDOW)
        ends = [
            found.end() for found in tag.finditer(text, start, min(stop + _LONGEST_TAG, len(text)))
        ]
        if ends:
            return ends[-1]
        stop = start
    return 0
