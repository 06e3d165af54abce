"""Sums over the clusters of a set of questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]


def cluster_sums(values: Sequence[float], clusters: Sequence[str]) -> Floats:
    """The sum of the values in each cluster, clusters in the order of their names.

    Raises:
        ValueError: If there is not one cluster a value.
    """
    if len(values) != len(clusters):
        raise ValueError(f"clusters: found {len(clusters)}, expected {len(values)}, one a value")
    places = {name: place for place, name in enumerate(sorted(set(clusters)))}
    sums = np.zeros(len(places))
    np.add.at(sums, [places[name] for name in clusters], np.asarray(values, dtype=np.float64))
    return sums
