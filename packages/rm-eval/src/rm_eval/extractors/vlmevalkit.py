"""The letter that VLMEvalKit's exact matching finds, which is not the same at every commit.

Without a judge VLMEvalKit calls what it cannot read wrong; with one it asks up to three times and
then draws an option at random. Here what cannot be read is said to be unread.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from rm_eval.extractors.extraction import UNPARSED, Extraction
from rm_eval.item import Item

Version: TypeAlias = Literal["before-1175", "b862cf76", "e8e78f05"]
"""`before-1175`: until 2025-08-04. `b862cf76`: 2025-09-28, the last commit before the paper.
`e8e78f05`: 2026-08-18, after a rule for verbose answers had come in (#1552, 2026-06-17)."""

REFUSED: Final = Extraction("Z", "refused")
"""`Z` is what the prompt of the judge calls `none of the options`: an answer, and a wrong one."""

_NO_REPLY: Final = "Failed to obtain answer via API"
_REFUSALS: Final = (
    "Sorry, I can't help with images of people yet.",
    "I can't process this file.",
    "I'm sorry, but without the image provided",
    "Cannot determine the answer",
)
_SEPARATORS: Final = str.maketrans(dict.fromkeys(".()[],:;!*#{}", " "))
_LAST_WORDS: Final = 5
_VERBOSE: Final = re.compile(r"(?i)answer\s+is\s+\**([ABCD])\**")


def read_choice(item: Item, reply: str, version: Version) -> Extraction:
    """The option that a reply names, by its letter or by its text."""
    return _lettered(reply, item.options, version) or _texted(reply, item.options, version)


def _lettered(reply: str, options: Mapping[str, str], version: Version) -> Extraction | None:
    if _NO_REPLY in reply:
        return None
    if any(refusal in reply for refusal in _REFUSALS):
        return REFUSED
    words = reply.translate(_SEPARATORS).split()
    there = [letter for letter in options if letter in words]
    if len(there) == 1 and _near_enough(words, there[0], version):
        return Extraction(there[0], "letter")
    if not there and "Z" in words:
        return REFUSED
    return _verbose(reply, options) if version == "e8e78f05" else None


def _near_enough(words: list[str], letter: str, version: Version) -> bool:
    return version == "before-1175" or words.index(letter) > len(words) - _LAST_WORDS


def _verbose(reply: str, options: Mapping[str, str]) -> Extraction | None:
    found = _VERBOSE.search(reply)
    letter = found[1].upper() if found else ""
    return Extraction(letter, "regex") if letter in options else None


def _texted(reply: str, options: Mapping[str, str], version: Version) -> Extraction:
    lowered = reply.lower()
    if version != "before-1175" and len(lowered) > 2 * sum(map(len, options.values())):
        return UNPARSED
    named = [letter for letter, text in options.items() if text.lower() in lowered]
    return Extraction(named[0], "text") if len(named) == 1 else UNPARSED
