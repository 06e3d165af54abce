"""Sums over the clusters of a set of questions."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Codes: TypeAlias = npt.NDArray[np.int64]
Values: TypeAlias = Sequence[float] | Floats
Clusters: TypeAlias = Sequence[str] | Codes
"""What each question stands or falls with: its name, or in many rows its `cluster_code`."""


def cluster_code(name: str) -> int:
    """A name of any length in 8 bytes; two of a million names agree once in 40 million runs."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)


def cluster_sums(values: Values, clusters: Clusters) -> Floats:
    """The sum of the values in each cluster, clusters in the order of their names (or codes).

    Raises:
        ValueError: If there is not one cluster a value.
    """
    return part_sums(values, clusters)[0]


def part_sums(values: Values, clusters: Clusters, parts: Codes | None = None) -> Floats:
    """The sum of the values in each part and cluster, as an array [parts, clusters].

    Args:
        values: One a question.
        clusters: Of each question.
        parts: The part that each question belongs to, 0, 1, ...; None: all to one.

    Raises:
        ValueError: If there is not one cluster a value.
    """
    if len(values) != len(clusters):
        raise ValueError(f"clusters: found {len(clusters)}, expected {len(values)}, one a value")
    places, count = _places(clusters)
    rows = 1 if parts is None else int(parts.max(initial=0)) + 1
    cells = places if parts is None else parts * count + places
    weights = np.asarray(values, dtype=np.float64)
    sums = np.bincount(cells, weights=weights, minlength=rows * count).astype(np.float64)
    return sums.reshape(rows, count)


def _places(clusters: Clusters) -> tuple[Codes, int]:
    """The place of each question's cluster among all of them in their order, and their number."""
    if isinstance(clusters, np.ndarray):
        names, places = np.unique(clusters, return_inverse=True)
        return places.astype(np.int64), len(names)
    order = {name: place for place, name in enumerate(sorted(set(clusters)))}
    return np.fromiter((order[name] for name in clusters), np.int64, len(clusters)), len(order)
