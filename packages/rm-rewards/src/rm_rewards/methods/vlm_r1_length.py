"""VLM-R1's rewards for how a reply is written: its length, and that it does not repeat itself.

Source: the published code of arXiv 2504.07615 [C].

    cosine length over L = 1,024 tokens: right from 1 (short) to 0.5, wrong from -0.5 (short) to 0
        low + (high - low) * (1 + cos(pi * length / L)) / 2
    repetition = -(1 - different / all) of the 6-grams of words, or of the boxes of a JSON answer

Ranges: cosine -0.5 to 1, repetition -1 to 0.

Fault: the published cosine sets the accuracy to 1 itself, so that wrong replies are scored as
right ones (`published_cosine_length`). Beyond L both forms here hold the value at L.

Blind to: what is said. Cosine: a wrong reply gains by being long, up to L. Repetition: a
paraphrase; any reply of fewer than six words.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import cos, pi

from rm_rewards.methods.inputs import at_least


def cosine_length(length: int, *, correct: bool, longest: int = 1024) -> float:
    """The reward of a reply's length: in [0.5, 1] if it is right, in [-0.5, 0] if not.

    Args:
        length: In tokens.
        correct: Whether the answer is right.
        longest: L.

    Raises:
        RecordError: For a negative length, or L below 1.

    Example:
        >>> round(cosine_length(512, correct=True), 6), round(cosine_length(512, correct=False), 6)
        (0.75, -0.25)
    """
    at_least("length", 0, length)
    at_least("longest", 1, longest)
    wave = (1.0 + cos(pi * min(length, longest) / longest)) / 2
    return 0.5 + 0.5 * wave if correct else -0.5 * wave


def published_cosine_length(length: int, *, longest: int = 1024) -> float:
    """The published form, which takes every reply for right.

    Raises:
        RecordError: As `cosine_length`.
    """
    return cosine_length(length, correct=True, longest=longest)


def repetition(text: str, *, n: int = 6) -> float:
    """-(1 - different / all) over the n-grams of words; 0 for a text of fewer than n words.

    Words are parted by white space, and case does not count.

    Raises:
        RecordError: For n below 1.

    Example:
        >>> round(repetition("a b c d e f a b c d e f") * 7, 6)
        -1.0
    """
    at_least("n", 1, n)
    words = text.lower().split()
    count = len(words) - n + 1
    if count < 1:
        return 0.0
    return len(set(zip(*(words[i:] for i in range(n)), strict=False))) / count - 1.0


def repeated(items: Sequence[Hashable]) -> float:
    """-(1 - different / all) over items such as boxes; 0 for none."""
    return len(set(items)) / len(items) - 1.0 if items else 0.0
