"""How lmms-eval reads replies (commit 75571cfe): another way for each benchmark."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from rm_eval.extractors.extraction import UNPARSED, Extraction
from rm_eval.item import Item

_VSTAR: Final = (
    re.compile(r"^([A-D])\s*[\.)\]]*"),
    re.compile(r"(?:THE\s+)?(?:ANSWER|CHOICE|OPTION)(?:\s+IS)?[\s:]+([A-D])"),
    re.compile(r"\(([A-D])\)"),
    re.compile(r"([A-D])\s*(?:\.|\)|])"),
    re.compile(r"(?:^|\s)([A-D])(?:\s|$)"),
)
_PHRASES: Final = (
    *(
        f"{lead}{which}{what} is"
        for lead in ("", "the ")
        for which, what in (
            *(("", "answer"), ("correct ", "answer"), ("best ", "answer")),
            *(("correct ", "option"), ("best ", "option")),
            *(("", "choice"), ("correct ", "choice")),
        )
    ),
    *("i choose", "i select", "i pick", "my answer is", "my choice is"),
    *("옵션", "정답은", "답은", "답:", "答案是", "答案为", "选", "答えは"),
)


def read_first_character(item: Item, reply: str) -> Extraction:
    """SEED-Bench-2-Plus: the first character of the reply, whatever it begins.

    `The answer is B` thus says `T`, `Based on the chart` says `B`.
    """
    del item
    text = reply.strip()
    return Extraction(text[0].upper(), "letter") if text else UNPARSED


def read_vstar(item: Item, reply: str) -> Extraction:
    """V*Bench: patterns over the reply in capitals, the first being `begins with A to D`.

    `Answer: C` thus says A, `Cannot tell` says C.
    """
    del item
    text = reply.strip().upper()
    for pattern in _VSTAR:
        found = pattern.search(text)
        if found:
            return Extraction(found[1], "regex")
    letters = [letter for letter in text if letter in "ABCD"]
    return Extraction(letters[0], "letter") if len(letters) == 1 else UNPARSED


def read_unstripped(item: Item, reply: str) -> Extraction:
    """ChartQA: the reply as it is, so that a blank or a full stop at its end makes a word wrong."""
    del item
    return Extraction(reply, "whole") if reply.strip() else UNPARSED


def read_ranked_choice(item: Item, reply: str) -> Extraction:
    """MMStar: of all letters in likely places the one in the likeliest, of several the last.

    A letter that begins the reply counts most, the article `A` included; after a phrase such as
    `the answer is` the last of the first occurrences of each letter.
    """
    text = reply.strip()
    for mark in ",.!?;:'\"":
        text = text.strip(mark)
    text = f" {text} "
    letters = [letter for letter in item.options or "ABCDEFGH" if letter in text]
    found = [*_placed(text, letters)] or [(0, text.rfind(letter), letter) for letter in letters]
    if not reply.strip() or not found:
        return UNPARSED
    priority, _, letter = max(found, key=lambda one: one[:2])
    return Extraction(letter, "regex" if priority else "letter")


def _placed(text: str, letters: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Priority, position and letter of each candidate, in the order in which they are looked for.

    The order decides between equals: the first of them is kept.
    """
    forms = (("({})", 6), ("{}.", 5), ("{}:", 4), ("{})", 3), ("{} ", 2))
    for form, priority in forms:
        for letter in letters:
            at = text.rfind(form.format(letter))
            if at >= 0:
                yield priority, at, letter
    yield from _after_phrases(text, letters)
    bare = text.strip()
    for letter in letters:
        if bare.startswith(letter) and not bare[1:2].isalpha():
            yield 10, 0, letter
        if bare.endswith(letter) and not bare[-2:-1].isalpha():
            yield 9, len(text) - 1, letter


def _after_phrases(text: str, letters: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    lowered = text.lower()
    for phrase in _PHRASES if letters else ():
        at = lowered.find(phrase)
        if at >= 0:
            for letter in letters:
                place = text.find(letter, at + len(phrase))
                if place >= 0:
                    yield 7, place, letter
