"""Questions that are worded alike, beyond the wording that their template gives to all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+")
_COMMON: Final = 0.02


def words_of(text: str) -> list[str]:
    """The words of a text, without capitals and punctuation; numbers are words."""
    return _WORD.findall(text.casefold())


class TextIndex:
    """The n-grams of a training set's questions, to look test questions up in.

    An n-gram that stands in more than 2 % (and in more than two) of the test questions is wording
    of a template and says nothing; only the others count.

    Args:
        training: The texts by the question's id.
        test: Likewise.
        n: Words in an n-gram.
    """

    def __init__(self, training: Mapping[str, str], test: Mapping[str, str], *, n: int = 8) -> None:
        self._n = n
        self._test = {name: self._grams(text) for name, text in test.items()}
        times = Counter(gram for grams in self._test.values() for gram in grams)
        most = max(2.0, _COMMON * len(test))
        self._telling = {gram for gram, count in times.items() if count <= most}
        self._first: dict[tuple[str, ...], str] = {}
        self._whole: dict[tuple[str, ...], str] = {}
        for name, text in training.items():
            self._whole.setdefault(tuple(words_of(text)), name)
            for gram in self._grams(text) & self._telling:
                self._first.setdefault(gram, name)
        self._same = {
            name: self._whole[words]
            for name, text in test.items()
            if (words := tuple(words_of(text))) in self._whole and words
        }

    def same(self, name: str) -> str | None:
        """The training question with the same words as that test question, if there is one."""
        return self._same.get(name)

    def overlap(self, name: str) -> tuple[float, str | None]:
        """Which share of a test question's telling n-grams the training set holds, and where.

        Returns:
            The share, 0 for a question without telling n-grams, and the training question that
            holds most of them.
        """
        telling = self._test[name] & self._telling
        found = Counter(self._first[gram] for gram in telling if gram in self._first)
        if not found:
            return 0.0, None
        most = max(found.values())
        return found.total() / len(telling), min(n for n, count in found.items() if count == most)

    def _grams(self, text: str) -> set[tuple[str, ...]]:
        words = words_of(text)
        return {tuple(words[at : at + self._n]) for at in range(len(words) - self._n + 1)}


def shared_share(one: Iterable[str], other: Iterable[str]) -> float:
    """The Jaccard index of two sets of names: what they share of what either holds."""
    left, right = set(one), set(other)
    return len(left & right) / len(left | right) if left | right else 0.0
