"""What a reader of the text alone would get right: a check that the map has to be looked at.

A naive Bayes classifier over the words learns from some cities and answers about the others, so
that it can use the wording, the numbers and the kind of names, but no city it knows. Where it beats
the majority answer, the text gives something away.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from math import log
from typing import Final

from rm_rewards import PLANNING, Question

FOLDS: Final = 5
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Sample:
    """A question as words, the answer to be told, and the city that it must not be learnt from."""

    words: frozenset[str]
    answer: str
    group: str


def sample_of(question: Question) -> Sample | None:
    """The sample of a question; None where nothing can be guessed.

    The answer of a multiple choice question is the rank of the right option among the sorted
    options: letters are drawn at random, so the rank is what could be given away.
    """
    if question.type == PLANNING or question.answer is None:
        return None
    group = f"{question.country}/{question.city}"
    words = {word.lower() for word in _WORD.findall(question.question)}
    answer = str(question.answer)
    if question.options is not None and all(o.isdecimal() for o in question.options):
        numbers = sorted(int(option) for option in question.options)
        answer = str(numbers.index(int(question.options[question.answer])))
        words = {f"gap {i}: {b - a}" for i, (a, b) in enumerate(pairwise(numbers))}
        words.add(f"least: {numbers[0]}")
    return Sample(frozenset(words), answer, group)


def accuracy(samples: Sequence[Sample]) -> float:
    """Share of the samples that are told from samples of other cities alone.

    With fewer than `FOLDS` cities, samples are held out one by one group of a fifth instead.
    """
    by_city = len({sample.group for sample in samples}) >= FOLDS
    folds = [
        _fold(sample.group if by_city else f"{place}/{sorted(sample.words)}")
        for place, sample in enumerate(samples)
    ]
    right = 0
    for held in range(FOLDS):
        known = _Bayes()
        pairs = [*zip(samples, folds, strict=True)]
        known.learn(sample for sample, fold in pairs if fold != held)
        right += sum(known.tell(s.words) == s.answer for s, fold in pairs if fold == held)
    return right / len(samples)


def _fold(key: str) -> int:
    return sha256(key.encode()).digest()[0] % FOLDS


@dataclass(slots=True)
class _Bayes:
    answers: Counter[str] = field(default_factory=Counter[str])
    words: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter[str]))

    def learn(self, samples: Iterable[Sample]) -> None:
        for sample in samples:
            self.answers[sample.answer] += 1
            for word in sample.words:
                self.words[word][sample.answer] += 1

    def tell(self, words: frozenset[str]) -> str | None:
        """The likeliest answer; of two, the one that comes first by name."""
        return max(self._scores(words), default=(0.0, None))[1]

    def _scores(self, words: frozenset[str]) -> Iterator[tuple[float, str]]:
        known = [self.words[word] for word in sorted(words) if word in self.words]
        for answer in sorted(self.answers, reverse=True):
            times = self.answers[answer]
            score = log(times) + sum(log((c[answer] + 1) / (times + 2)) for c in known)
            yield score, answer
