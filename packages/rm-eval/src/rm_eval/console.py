"""Text that came from elsewhere, made safe to show on a terminal."""

from __future__ import annotations

import unicodedata
from typing import Final

_ACTING: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of what a terminal acts on and does not show: controls, among them the escape
that begins ANSI sequences, marks that turn the direction of writing, line separators."""


def printable(text: str) -> str:
    r"""The text with what would act on the terminal spelt out; ends of line and tabs stay.

    Example:
        >>> printable("\x1b[31mred\x07")
        '\\x1b[31mred\\x07'
    """
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(map(_shown, text))


def _shown(letter: str) -> str:
    if letter in "\n\t" or unicodedata.category(letter) not in _ACTING:
        return letter
    return letter.encode("unicode_escape").decode()
