"""How much replies to one question differ: TDS, the trajectory diversity of MMR1 (2509.21268)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import exp, fsum, log
from typing import Final

_TOKENS: Final = 512
_GRAMS: Final = 3


def text_diversity(texts: Sequence[str]) -> float:
    """The mean squared distance of two replies, in [0, 1]: the estimator of the paper's appendix.

    TDS = 1 / (K (K - 1)) * sum over i != j of d(i, j)^2, with the edit distance in words divided by
    the length of the longer reply. Of each reply the first 512 words count: the cost grows with
    their square. One reply alone has diversity 0.

    Example:
        >>> text_diversity(["a b c d", "a b c e", "x y"])
        0.6875
    """
    replies = [text.split()[:_TOKENS] for text in texts]
    count = len(replies)
    if count < 2:
        return 0.0
    pairs = [(replies[i], replies[j]) for i in range(count) for j in range(i + 1, count)]
    return fsum(edit_distance(one, other) ** 2 for one, other in pairs) / len(pairs)


def edit_distance(one: Sequence[str], other: Sequence[str]) -> float:
    """Insertions, deletions and replacements from one to the other, by the longer length: 0 to 1.

    Two empty ones have distance 0.
    """
    if one == other:
        return 0.0
    row = list(range(len(other) + 1))
    for i, word in enumerate(one, 1):
        diagonal, row[0] = row[0], i
        for j, match in enumerate(other, 1):
            best = diagonal if word == match else 1 + min(diagonal, row[j], row[j - 1])
            diagonal, row[j] = row[j], best
    return row[-1] / max(len(one), len(other))


def distinct(texts: Sequence[str], n: int = 3) -> float:
    """Distinct n-grams by all n-grams of the replies together, in [0, 1]; 0 without any.

    Example:
        >>> distinct(["a b c d", "a b c e", "x y"])
        0.75
    """
    grams = [gram for text in texts for gram in _grams(text.split(), n)]
    return len(set(grams)) / len(grams) if grams else 0.0


def self_bleu(texts: Sequence[str]) -> float:
    """How alike the replies are, in [0, 1]: the mean over replies of BLEU against the others.

    Words in 1- to 3-grams with equal weights, no smoothing, brevity penalty by the nearest length.
    The published sampler adds it as if it were diversity; 1 - self_bleu is one.
    """
    replies = [text.split() for text in texts]
    if len(replies) < 2:
        return 1.0
    scores = [_bleu(reply, replies[:i] + replies[i + 1 :]) for i, reply in enumerate(replies)]
    return fsum(scores) / len(scores)


def _bleu(reply: Sequence[str], others: Sequence[Sequence[str]]) -> float:
    logs: list[float] = []
    for n in range(1, _GRAMS + 1):
        found = Counter(_grams(reply, n))
        most: Counter[tuple[str, ...]] = Counter()
        for other in others:
            most |= Counter(_grams(other, n))
        hits = (found & most).total()
        if not hits:
            return 0.0
        logs.append(log(hits / found.total()))
    nearest = min((abs(len(other) - len(reply)), len(other)) for other in others)[1]
    penalty = min(0.0, 1.0 - nearest / len(reply))
    return exp(penalty + fsum(logs) / _GRAMS)


def _grams(words: Sequence[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]
