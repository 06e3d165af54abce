"""Cut a chain of thought where it begins to doubt itself."""

from __future__ import annotations

import re
from typing import Final

_DOUBT: Final = re.compile(
    r"(?:^|(?<=[.!?。！？\n]))[ \t\"'*_>-]*(?:but[ ,]+wait|wait|but the question)\b",
    re.IGNORECASE | re.MULTILINE,
)
_THOUGHT: Final = re.compile(r"(<think>)(.*)(</think>)", re.DOTALL)
_ROUTE: Final = re.compile(r"^[ \t*]*Route Name:", re.MULTILINE)
_BOX: Final = "\\boxed{"


def without_reflections(text: str) -> str:
    r"""The reply without the part of its reasoning from the first doubt on.

    A doubt is a sentence that begins with "Wait", "But wait" or "But the question", as
    OpenVLThinker cuts (arXiv 2503.17352). The reasoning stands in `<think>`, or before the answer:
    before the last `\boxed{}`'s sentence, or before the lines of the last route. The answer stays.

    Example:
        >>> without_reflections("<think>A, B, C: one stop. Wait, is it?</think>1")
        '<think>A, B, C: one stop.</think>1'
    """
    tagged = _THOUGHT.search(text)
    if tagged is not None:
        thought = _cut(tagged[2])
        return text[: tagged.start(2)] + thought + text[tagged.end(2) :]
    at = _answer_at(text)
    thought = _cut(text[:at])
    return text if thought == text[:at] else f"{thought}\n{text[at:].lstrip()}"


def _cut(thought: str) -> str:
    doubt = _DOUBT.search(thought)
    return thought if doubt is None else thought[: doubt.start()].rstrip()


def _answer_at(text: str) -> int:
    """Where the answer begins: its route or the sentence of its last box; 0 if it has neither."""
    routes = list(_ROUTE.finditer(text))
    if routes:
        return _first_of_last_route(text, [found.start() for found in routes])
    box = text.rfind(_BOX)
    if box < 0:
        return 0
    ends = [text.rfind(mark, 0, box) for mark in ("\n", ". ", "! ", "? ", "。")]
    return max(ends) + 1


def _first_of_last_route(text: str, starts: list[int]) -> int:
    """The first leg of the last route: legs of one route have nothing but `--` between them."""
    first = starts[-1]
    for start in reversed(starts[:-1]):
        between = text[start:first].strip().splitlines()
        if len(between) > _LONGEST_LEG or not between[-1].strip().startswith("--"):
            break
        first = start
    return first


_LONGEST_LEG: Final = 6
