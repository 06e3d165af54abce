"""Mean hidden states by kind of thought, taken one thought at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rm_eval.steering.thoughts import LABELS, Label

Floats = NDArray[np.float64]

_HALVES: Final = 2


class Means:
    """The sums of the states seen so far, in float64: memory does not grow with them.

    They are kept for every other trace apart, so that the two halves can be compared.
    """

    def __init__(self, width: int) -> None:
        self._sums = np.zeros((_HALVES, len(LABELS), width))
        self._counts = np.zeros((_HALVES, len(LABELS)), dtype=np.int64)

    def add(self, trace: int, label: Label, state: NDArray[np.float32]) -> None:
        """Take the state (width,) in which a thought of that trace began."""
        place = (trace % _HALVES, LABELS.index(label))
        self._sums[place] += state
        self._counts[place] += 1

    @property
    def counts(self) -> Mapping[Label, int]:
        """Thoughts by label."""
        totals = self._counts.sum(axis=0)
        return {label: int(total) for label, total in zip(LABELS, totals, strict=True)}

    def vector(self) -> Floats:
        """mean(H_execution) - mean(H_reflection and H_transition): SEAL, arXiv 2504.07986.

        Both kinds must have been seen.

        Example:
            >>> means = Means(2)
            >>> for label, state in (("execution", (1, 0)), ("execution", (3, 0)),
            ...                      ("reflection", (0, 2)), ("transition", (0, 4))):
            ...     means.add(0, label, np.array(state, dtype=np.float32))
            >>> means.vector().tolist()
            [2.0, -3.0]
        """
        return _difference(self._sums.sum(axis=0), self._counts.sum(axis=0))

    def agreement(self) -> float | None:
        """The cosine between the vectors of the two halves; None where one of them has none."""
        if not all(counts[0] and counts[1:].sum() for counts in self._counts):
            return None
        first, second = map(_difference, self._sums, self._counts)
        sizes = float(np.linalg.norm(first) * np.linalg.norm(second))
        return float(first @ second) / sizes if sizes else None


def _difference(sums: Floats, counts: NDArray[np.int64]) -> Floats:
    made: Floats = sums[0] / counts[0] - sums[1:].sum(axis=0) / counts[1:].sum()
    return made
