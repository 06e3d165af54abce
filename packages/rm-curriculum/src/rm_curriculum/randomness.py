"""Random words by counter: no generator to store, so that a run resumes from a number.

Draw k of a run takes its words from SHAKE-128 of the seed and k's block, whatever was drawn before.
The bits are those of the FIPS 202 standard, alike on every machine and Python version.
"""

from __future__ import annotations

import hashlib
import json
import sys
from array import array
from typing import Final

BLOCK: Final = 256
PER_DRAW: Final = 4


class Words:
    """Words of 64 bits, by seed, purpose, draw and try.

    Args:
        seed: The seed of the run.
        purpose: Keeps apart what must not be correlated, e.g. the name of the schedule.
    """

    def __init__(self, seed: int, purpose: str) -> None:
        self._key = hashlib.blake2b(json.dumps([seed, purpose]).encode(), digest_size=32).digest()
        self._block = -1
        self._words: array[int] = array("Q")

    def of(self, draw: int, attempt: int = 0) -> int:
        """The word of one attempt at one draw, uniform in [0, 2^64)."""
        if attempt < PER_DRAW:
            return self._load(draw // BLOCK)[attempt * BLOCK + draw % BLOCK]
        message = b"%d %d" % (draw, attempt)
        return int.from_bytes(hashlib.blake2b(message, key=self._key, digest_size=8).digest())

    def span(self, first: int, n: int) -> array[int]:
        """The words of the first attempt at `n` draws from number `first` on."""
        start = first % BLOCK
        words = self._load(first // BLOCK)[start : min(start + n, BLOCK)]
        while len(words) < n:
            number = (first + len(words)) // BLOCK
            words += self._load(number)[: min(n - len(words), BLOCK)]
        return words

    def below(self, limit: int, draw: int, attempt: int = 0) -> int:
        """A number in [0, limit); uniform but for limit / 2^64."""
        return self.of(draw, attempt) * limit >> 64

    def share(self, draw: int, attempt: int = 0) -> float:
        """A number in [0, 1)."""
        return (self.of(draw, attempt) >> 11) * 2.0**-53

    def _load(self, number: int) -> array[int]:
        if number != self._block:
            made = hashlib.shake_128(self._key + b"%d" % number).digest(8 * BLOCK * PER_DRAW)
            self._words = array("Q", made)
            if sys.byteorder == "big":
                self._words.byteswap()
            self._block = number
        return self._words
