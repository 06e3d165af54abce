"""Names for the stations of a synthetic city: no two alike, none rude, one language a city."""

from __future__ import annotations

from random import Random
from typing import Final

from rm_data.cities.name_words import WORDS, Script, Words
from rm_data.cities.rude_words import is_rude, letters

LONGEST: Final = 17
"""Letters of the longest name: longer ones find no room on a map."""
_MORE_DRAWS: Final = 40
"""Draws for each name before the language is said to have no more."""


def kind_for(rng: Random, script: Script) -> str:
    """A key of `WORDS` whose names are in that script."""
    return rng.choice([kind for kind, words in WORDS.items() if words.script == script])


class Names:
    """Draws names that are not to be confused with any that was drawn before.

    Two names are too alike if they are equal once up to two letters of each are left out (one in
    Chinese): this holds for all names that differ in two letters or fewer, and for some others.
    Case, accents, blanks and punctuation do not count.
    """

    __slots__ = ("_rng", "_taken", "_words")

    def __init__(self, rng: Random, kind: str) -> None:
        self._rng = rng
        self._words: Words = WORDS[kind]
        self._taken: set[str] = set()

    def draw(self, longest: int = LONGEST) -> str | None:
        """Another name, or None where there are no more of at most that many letters."""
        for _ in range(_MORE_DRAWS):
            name = self._compose()
            if len(name) > longest or is_rude(name):
                continue
            shadows = shortened(letters(name), self._words.apart)
            if self._taken.isdisjoint(shadows):
                self._taken.update(shadows)
                return name
        return None

    def _compose(self) -> str:
        stem, form = self._rng.choice(self._words.stems), self._rng.choice(self._words.forms)
        return form.replace("{}", stem)


def shortened(key: str, apart: int) -> set[str]:
    """What is left of a key after leaving out up to `apart` of its letters (1 or 2), in every way.

    Example:
        >>> sorted(shortened("abc", 1))
        ['ab', 'abc', 'ac', 'bc']
    """
    ones = [key[:at] + key[at + 1 :] for at in range(len(key))]
    found = {key, *ones}
    if apart > 1:
        for at, shorter in enumerate(ones):
            found.update(
                shorter[:next_] + shorter[next_ + 1 :] for next_ in range(at, len(shorter))
            )
    return found
