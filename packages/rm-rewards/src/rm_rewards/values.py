"""What a short answer says: yes or no, a letter, a number.

Each reader gives all the different values that it finds, so that the caller sees a hedge
("A or B") as two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from rm_rewards.names import station_key

LETTERS: Final = "ABCD"

_YES_NO: Final = {"yes": "yes", "true": "yes", "no": "no", "false": "no"}
_YES_NO_WORD: Final = re.compile(r"\b(yes|no|true|false)\b", re.IGNORECASE)
_CHINESE: Final = (
    *(("不是", "no"), ("不对", "no"), ("否", "no"), ("错", "no")),
    *(("是", "yes"), ("对", "yes")),
)
_HEDGED_WORDS: Final = 5

_NUMBER: Final = re.compile(r"[-+]?\d+(?:\.\d+)?")
_THOUSANDS: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_LINE_NUMBER: Final = re.compile(r"\blines?[\s#-]{0,3}[A-Z]?\d+", re.IGNORECASE)
_LONGEST_NUMBER: Final = 9
_NUMBER_WORDS: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    *("nineteen", "twenty"),
)
_WORD: Final = re.compile(r"[A-Za-z]+")
_WORDY: Final = 16

_MOST_WIDENED: Final = 64
_WIDEST: Final = "\ufdfa"
_LATEX_COMMAND: Final = re.compile(r"\\[A-Za-z]+|\\.")
_MARKUP: Final = str.maketrans(dict.fromkeys("{}$*`\"'“”‘’~", " "))
_LEADING_LETTER: Final = re.compile(
    r"\W*(?:(?i:option|choice|answer)\W+)?([B-D]|A(?!\s+(?!because|since|as\b)[a-z]))(?=[).:,/]|\s|$)"
)
_NAMED_LETTER: Final = re.compile(
    r"(?:(?i:option|choice)\W{0,3}(?=(?i:[a-d])\b)|(?i:answer)\W{0,3}(?=[A-D]\b))([A-Da-d])"
)
_LONE_LETTER: Final = re.compile(r"(?<![\w'])([A-D])(?=[).:,/]|\s*$|\s+(?:or|and)\b)")


def cleaned(text: str) -> str:
    r"""The text without LaTeX commands, braces, quotes and Markdown; full-width forms narrowed.

    Example:
        >>> cleaned(r"\text{Yes}")
        'Yes'
    """
    # one character may become 18; what becomes that much longer is no answer
    text = text.replace(_WIDEST, " ")
    plain = unicodedata.normalize("NFKC", text)[: len(text) + _MOST_WIDENED]
    return " ".join(_LATEX_COMMAND.sub(" ", plain).translate(_MARKUP).split())


def yes_no(text: str) -> tuple[str, ...]:
    """`yes`, `no`, both, or nothing. A long answer counts by its first word if that is one."""
    found = [_YES_NO[word.lower()] for word in _YES_NO_WORD.findall(text)]
    if not found:
        bare = text.strip(" .。,，!！")
        return tuple(value for word, value in _CHINESE if bare.startswith(word))[:1]
    kinds = tuple(dict.fromkeys(found))
    if len(kinds) == 1 or len(text.split()) < _HEDGED_WORDS:
        return kinds
    first = _YES_NO_WORD.search(text)
    leads = first is not None and not any(c.isalnum() for c in text[: first.start()])
    return kinds[:1] if leads else kinds


def number(text: str) -> tuple[str, ...]:
    """The different numbers; an equation counts by its right side, `8.0` is `8`.

    Number words count in a short answer only: a question that is echoed asks to put the answer "in
    one box".
    """
    right = text.rpartition("=")[2]
    source = right if _NUMBER.search(right) else text
    source = _THOUSANDS.sub("", source)
    digits = _NUMBER.findall(_LINE_NUMBER.sub(" ", source)) or _NUMBER.findall(source)
    if digits:
        return tuple(dict.fromkeys(_canonical(n) for n in digits if len(n) <= _LONGEST_NUMBER))
    words = [word.lower() for word in _WORD.findall(source)]
    if len(words) > _WORDY:
        return ()
    return tuple(dict.fromkeys(str(_NUMBER_WORDS.index(w)) for w in words if w in _NUMBER_WORDS))


def _canonical(digits: str) -> str:
    value = float(digits)
    return str(int(value)) if value.is_integer() else str(value)


def letter(text: str, options: Sequence[str] | None) -> tuple[str, ...]:
    """The letters A to D that were chosen; the text of exactly one option stands for its letter."""
    bare = text.strip(" .:()[],")
    if len(bare) == 1 and bare.upper() in LETTERS:
        return (bare.upper(),)
    lone = tuple(dict.fromkeys(_LONE_LETTER.findall(text)))
    leading = _LEADING_LETTER.match(text)
    if leading:
        return tuple(dict.fromkeys((leading[1], *lone)))
    by_text = _option(bare, options)
    if by_text:
        return by_text
    named = tuple(dict.fromkeys(found.upper() for found in _NAMED_LETTER.findall(text)))
    return named or lone


def _option(text: str, options: Sequence[str] | None) -> tuple[str, ...]:
    if not options:
        return ()
    key = station_key(text)
    keys = [station_key(option) for option in options[: len(LETTERS)]]
    return (LETTERS[keys.index(key)],) if key and keys.count(key) == 1 else ()
