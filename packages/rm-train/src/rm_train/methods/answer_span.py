r"""Where in a reply its answer stands: as characters, then as tokens.

A short answer is what the last `\boxed{...}` holds, or without a box the last `<answer>`; a planned
route is the text from its first route label on, inside `<answer>` where the reply has one. Both are
sought behind the reasoning in `<think>`. These are the places where `rm_rewards` reads answers in
the asked form; an answer in other words has no place.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import takewhile
from operator import eq
from typing import Final, TypeAlias

from rm_rewards import PLANNING

Span: TypeAlias = tuple[int, int]
Decode: TypeAlias = Callable[[Sequence[int]], str]

_THOUGHT: Final = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_TAG: Final = re.compile(r"<answer>", re.IGNORECASE)
_TAG_END: Final = re.compile(r"</answer>", re.IGNORECASE)
_BOX: Final = re.compile(r"(?P<open>(?:\\b|\x08|b)?oxed\s*\{)|[{}]")
_ROUTE: Final = re.compile(r"route[\s_]*name[\s_\"'*`]*[:：]", re.IGNORECASE)


def answer_span(reply: str, question_type: str) -> Span | None:
    r"""First and last-plus-one character of the answer, without the space around it.

    Args:
        reply: The whole reply.
        question_type: `planning`, or the name of a type with short answers.

    Returns:
        None where there is no answer.

    Example:
        >>> answer_span(r"I count 3, 5, so \boxed{8}.", "Counting2")
        (24, 25)
    """
    start = _after_thought(reply)
    tagged = _tagged(reply, start)
    if question_type == PLANNING:
        inside = _from_label(reply, *tagged) if tagged else None
        found = inside or _from_label(reply, start, len(reply))
    else:
        found = _boxed(reply, start) or tagged
    return _stripped(reply, *found) if found else None


def _after_thought(reply: str) -> int:
    ends = [found.end() for found in _THOUGHT.finditer(reply)]
    return ends[-1] if ends and reply[ends[-1] :].strip() else 0


def _tagged(reply: str, start: int) -> Span | None:
    opened = [found.end() for found in _TAG.finditer(reply, start)]
    if not opened:
        return None
    closed = _TAG_END.search(reply, opened[-1])
    return opened[-1], closed.start() if closed else len(reply)


def _boxed(reply: str, start: int) -> Span | None:
    """The last outermost box; one that is never closed reaches to the end."""
    found, depth, first = None, 0, 0
    for token in _BOX.finditer(reply, start):
        if depth:
            depth += -1 if token[0] == "}" else 1
            found = (first, token.start()) if not depth else found
        elif token["open"]:
            depth, first = 1, token.end()
    return (first, len(reply)) if depth else found


def _from_label(reply: str, start: int, end: int) -> Span | None:
    label = _ROUTE.search(reply, start, end)
    return (label.start(), end) if label else None


def _stripped(reply: str, start: int, end: int) -> Span | None:
    text = reply[start:end]
    left, right = len(text) - len(text.lstrip()), len(text.rstrip())
    return (start + left, start + right) if left < right else None


def answer_tokens(ids: Sequence[int], span: Span, decode: Decode) -> range:
    """Which tokens write those characters: each that writes at least a part of one of them.

    Found by decoding beginnings of the reply, about two for each doubling of its length, so that it
    holds for every tokenizer; a character of several tokens belongs to all of them.

    Args:
        ids: The reply's tokens.
        span: Characters of the decoded reply.
        decode: Tokens to text, as the reply was decoded.
    """
    text = decode(ids)

    def shown(count: int) -> int:
        return len(decode(ids[:count]))

    def written(count: int) -> int:
        return sum(takewhile(bool, map(eq, decode(ids[:count]), text)))

    counts = range(len(ids) + 1)
    first = bisect_right(counts, span[0], key=shown) - 1
    return range(first, bisect_left(counts, span[1], key=written))
