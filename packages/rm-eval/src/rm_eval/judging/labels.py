"""The verdicts that a judge may give, and how one is read out of what it writes.

A judge reads, it does not solve: each verdict is an option of the item, or stands in the reply.
"""

from __future__ import annotations

import re
from typing import Final

from rm_eval.item import Item

NO_ANSWER: Final = "NONE"
"""The verdict that a reply gives no answer, or several."""

_LONGEST: Final = 200
_LONGEST_NUMBER: Final = 20
_MARKS: Final = " \t*_`#>\"'"
_OPTION: Final = re.compile(r"[(\[]?([A-Za-z])[)\]]?[.:)]?(?:\s+(.*))?", re.DOTALL)
_NUMERAL: Final = re.compile(r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?")
_WORD: Final = re.compile(
    r"(?i)\b(?:no|none|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen"
    r"|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[- ]\w+)?|hundred)\b"
)


def read_verdict(item: Item, reply: str, said: str) -> str | None:
    r"""The verdict in the text of a judge: an answer, `NO_ANSWER`, or None if there is none.

    It counts if one line begins with `VERDICT:`, or several that say the same; or if the text is
    nothing but an allowed verdict. What a reasoning model thinks before `</think>` is passed over.

    Args:
        item: What the reply answers.
        reply: The reply that was judged.
        said: What the judge wrote.

    Example:
        >>> item = Item(id="1", task="t", form="choice", answer="A", options={"A": "x", "B": "y"})
        >>> read_verdict(item, "the second", "It settles on y.\nVERDICT: B")
        'B'
        >>> read_verdict(item, "the second", "VERDICT: C") is None
        True
    """
    text = said.rpartition("</think>")[2]
    told = {value for line in text.splitlines() if (value := _after_mark(line)) is not None}
    read = {_allowed(item, reply, value) for value in told or {_bare(text)}}
    return read.pop() if len(read) == 1 else None


def _after_mark(line: str) -> str | None:
    bare = line.strip(_MARKS)
    rest = bare[7:].lstrip(_MARKS)
    return _bare(rest[1:]) if bare[:7].lower() == "verdict" and rest[:1] in (":", "=") else None


def _bare(text: str) -> str:
    return text.strip().strip(_MARKS).removesuffix(".").strip(_MARKS)


def _allowed(item: Item, reply: str, value: str) -> str | None:
    """The verdict as it is kept, if it is one of those that the item and the reply allow."""
    if not value or len(value) > _LONGEST:
        return None
    if value.upper() == NO_ANSWER:
        return NO_ANSWER
    if item.form == "choice":
        return _option(item, value)
    if item.form == "yes_no":
        return value.lower() if value.lower() in ("yes", "no") else None
    if item.form == "number":
        return _number(reply, value)
    return value if _plain(value) in _plain(reply) else None


def _option(item: Item, value: str) -> str | None:
    found = _OPTION.fullmatch(value)
    letter, text = (found[1].upper(), found[2] or "") if found else ("", "")
    named = letter in item.options and text.strip() in ("", item.options[letter].strip())
    return letter if named else None


def _number(reply: str, value: str) -> str | None:
    """A number that stands in the reply; in words it may be any, since words are not counted."""
    sign = "-" if value.startswith("-") else ""
    if _NUMERAL.fullmatch(value.removeprefix("-")) is None or len(value) > _LONGEST_NUMBER:
        return None
    number = _digits(value.removeprefix("-"))
    there = {_digits(one) for one in _NUMERAL.findall(reply)}
    return sign + number if number in there or not there or _WORD.search(reply) else None


def _digits(numeral: str) -> str:
    return numeral.replace(",", "").lstrip("0") or "0"


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
