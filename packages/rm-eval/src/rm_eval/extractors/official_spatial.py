"""SpatialEval's own scorer: patterns for each task and question, then a search for the answer.

Followed as it is without the branches for single models. It counts an answer as right if the true
one is part of it: `12` holds `2`. For Spatial-Real it has no branch. In one thing it is not
followed: it writes what it could not read as Python's `None`, which holds the answer `No`, so that
such a reply counts as right there. Here what is unread is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from rm_eval.extractors.extraction import UNPARSED, Extraction
from rm_eval.item import Item

_NUMBERS: Final = (
    *(("zero", 0), ("no", 0), ("one", 1), ("two", 2), ("three", 3), ("four", 4)),
    *(("five", 5), ("six", 6), ("seven", 7), ("eight", 8), ("nine", 9)),
)
_WORDS: Final = tuple((re.compile(rf"(?i)\b{word}\b"), number) for word, number in _NUMBERS)
_DIRECTION: Final = r"(?:southeast|northeast|northwest|southwest)"
_LETTERED_DIRECTION: Final = re.compile(rf"(?i)\b[A-D]\.\s*({_DIRECTION})\b")
_ANY_DIRECTION: Final = re.compile(rf"(?i)\b({_DIRECTION})\b")
_ANIMAL: Final = re.compile(r"(?i)\b(giraffe|cat|dog|elephant|rabbit)\b")
_NAME: Final = r"[\w\s'’]+"
_PLACED: Final = re.compile(
    rf"(?i)^({_NAME}?)\s+is\s+(?:located\s+|in\s+the\s+|located\s+to\s+the\s+)\b{_DIRECTION}\b"
)
_LETTERED: Final = re.compile(r"\b[A-D]\.\s*(.*)")
_MARKED: Final = re.compile(r"\b([ABCD][.,]|[(][abcdABCD][)])\s*(.*?)(?=\sis\b|\.|,|<|$)")
_CONCLUDED: Final = re.compile(
    rf"(?i)Therefore, the object in the \b{_DIRECTION}\b of {_NAME} is ({_NAME})"
)
_IS: Final = re.compile(r"\bis\b\s+(.*?)(?=\.|,|<|$)")
_LETTERED_NUMBER: Final = re.compile(r"\b[A-D]\.\s*(\d+)")
_LIST_MARK: Final = re.compile(r"^\n\n\d+\.\s")
_YES: Final = re.compile(r"(?i)\byes\b|is the shortest path")
_NO: Final = re.compile(r"(?i)\bno\b|\bnot\b")
_ANSWERED: Final = (r"answer is\s+(\d+)", r"answer is:\s*\n*\s*(\d+)", r"from S to E is\s+(\d+)")
_TURNS: Final = {
    0: (
        *(r"\bThere are\s*(\d+)\s*right turns\b", r"\bThere is\s*(\d+)\s*right turn\b"),
        *(r"\b(\d+)\s+right turn", *_ANSWERED, r"Answer:\*\*\s*(\d+)\b"),
    ),
    1: (
        *(r"\bThere are\s*(\d+)\s*total turns\b", r"\bThere are\s*(\d+)\s*turns\b"),
        *(r"There is\s*(\d+)\s*turn\b", r"There is\s*(\d+)\s*total turn\b", *_ANSWERED),
        *(r"\btotal of\s+(\d+)\s+turn", r"Answer:\*\*\s*(\d+)\b"),
        *(r"(\d+)\s+total turn", r"\b(\d+)\s+turn"),
    ),
}


def read_spatial(item: Item, reply: str) -> Extraction:
    """What the patterns of the item's task and question find.

    `item.category` is the task, such as `mazenav`; `item.leaf` the number of the question, 0 to 2.
    """
    reader = _READERS.get((item.category, item.leaf))
    found = None if reader is None else reader(reply)
    return UNPARSED if found is None else Extraction(found.lower(), "regex")


def holds_answer(item: Item, value: str) -> bool:
    """Whether the text of the right option is part of what was found, as the authors compare."""
    text = item.answer_text or item.options.get(item.answer, item.answer)
    return text.lower() in value


def _direction(reply: str) -> str | None:
    found = _LETTERED_DIRECTION.search(reply) or _ANY_DIRECTION.search(reply)
    return found[1] if found else None


def _object(reply: str) -> str | None:
    if found := _PLACED.search(reply):
        return found[1]
    if found := _LETTERED.search(reply):
        return found[1].replace("**", "").replace(".", "").split(" is", 1)[0].strip()
    if found := _MARKED.search(reply):
        return found[1].strip().rstrip(".,?!<")
    if found := _CONCLUDED.search(reply):
        return found[1]
    found = _IS.search(reply)
    return found[1].strip().rstrip(".,?!<") if found else None


def _count(reply: str) -> str | None:
    """The number that stands first, as a word or in digits."""
    found = [
        (match.start(), str(number)) for word, number in _WORDS for match in word.finditer(reply)
    ]
    digits = re.search(r"\d+", _LIST_MARK.sub("", reply))
    if digits:
        found.append((digits.start(), digits[0].lstrip("0") or "0"))
    return min(found, key=lambda one: one[0])[1] if found else None


def _lettered_count(reply: str) -> str | None:
    found = _LETTERED_NUMBER.search(reply)
    return found[1].lstrip("0") or "0" if found else _count(reply)


def _turns(question: int) -> Callable[[str], str | None]:
    patterns = [re.compile(f"(?i){pattern}") for pattern in (*_TURNS[question], r"(\d+)")]

    def read(reply: str) -> str | None:
        for word, number in _WORDS:  # in the order of the numbers, not of the reply
            if word.search(reply):
                return str(number)
        for pattern in patterns:
            if found := pattern.search(reply):
                return found[1].lstrip("0") or "0"
        return None

    return read


def _yes_no(reply: str) -> str | None:
    return "yes" if _YES.search(reply) else "no" if _NO.search(reply) else None


def _animal(reply: str) -> str | None:
    found = _ANIMAL.search(reply)
    return found[1] if found else None


_READERS: Final[dict[tuple[str, str], Callable[[str], str | None]]] = {
    ("spatialmap", "0"): _direction,
    ("spatialmap", "1"): _object,
    ("spatialmap", "2"): _lettered_count,
    ("mazenav", "0"): _turns(0),
    ("mazenav", "1"): _turns(1),
    ("mazenav", "2"): _yes_no,
    ("spatialgrid", "0"): _count,
    ("spatialgrid", "1"): _animal,
    ("spatialgrid", "2"): _animal,
}
