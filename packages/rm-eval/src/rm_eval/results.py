"""Graded replies in some twenty bytes each, so that a run of a million can be counted."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from rm_eval.benchmarks import Scored
from rm_eval.item import Item
from rm_eval.statistics import Codes, Floats, cluster_code

Flags: TypeAlias = npt.NDArray[np.bool_]


class Stratum(NamedTuple):
    """What many questions have in common.

    Attributes:
        type: The type of the question.
        task: The benchmark it belongs to; empty for a question of none.
        category, leaf, cycle: As in `Item`.
        weight: In the benchmark's weighted accuracy; None for a question of no benchmark.
    """

    type: str
    task: str
    category: str
    leaf: str
    cycle: str
    weight: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """Graded replies as columns, in the order of their questions.

    Attributes:
        strata: The different strata.
        places: Of each reply, the place of its stratum among them.
        clusters: Of each, the code of what its question stands or falls with.
        right: Whether it is right.
        read: Whether an answer was found in it.
    """

    strata: tuple[Stratum, ...]
    places: npt.NDArray[np.int32]
    clusters: Codes
    right: Flags
    read: Flags

    def __len__(self) -> int:
        return len(self.places)

    @property
    def weights(self) -> Floats:
        """The weight of each question; nan where it has none."""
        held = [np.nan if one.weight is None else one.weight for one in self.strata]
        return np.array(held, dtype=np.float64)[self.places]

    def where(self, chosen: Callable[[Stratum], bool]) -> Results:
        """The replies of the strata for which that is true."""
        kept = np.array([chosen(one) for one in self.strata], dtype=np.bool_)[self.places]
        return Results(
            self.strata, self.places[kept], self.clusters[kept], self.right[kept], self.read[kept]
        )

    def values(self, key: Callable[[Stratum], str]) -> list[str]:
        """The different values of a key, in order, of the replies that are there."""
        held = cast("list[int]", np.unique(self.places).tolist())
        return sorted({key(self.strata[place]) for place in held})

    def scored(self) -> list[Scored]:
        """The replies as a benchmark's measures take them: equal ones are one and the same."""
        held: dict[tuple[int, int, bool], Scored] = {}
        columns = (self.places, self.clusters, self.right)
        rows: Iterable[tuple[int, int, bool]] = zip(*(c.tolist() for c in columns), strict=True)
        return [held.get(row) or held.setdefault(row, self._scored(*row)) for row in rows]

    def _scored(self, place: int, cluster: int, right: bool) -> Scored:
        one = self.strata[place]
        item = Item(
            id="",
            task=one.task,
            form="text",
            answer="",
            category=one.category,
            leaf=one.leaf,
            cluster=str(cluster),
            cycle=one.cycle,
            weight=1.0 if one.weight is None else one.weight,
        )
        return Scored(item, right)


class Collector:
    """Graded replies as they come."""

    def __init__(self) -> None:
        self._strata: dict[Stratum, int] = {}
        self._places = array("i")
        self._clusters = array("q")
        self._right = bytearray()
        self._read = bytearray()

    def add(self, stratum: Stratum, cluster: str, *, right: bool, read: bool) -> None:
        """One reply to a question of that stratum, which stands or falls with that cluster."""
        self._places.append(self._strata.setdefault(stratum, len(self._strata)))
        self._clusters.append(cluster_code(cluster))
        self._right.append(right)
        self._read.append(read)

    def results(self) -> Results:
        """All that were added."""
        return Results(
            tuple(self._strata),
            np.array(self._places, dtype=np.int32),
            np.array(self._clusters, dtype=np.int64),
            np.array(self._right, dtype=np.bool_),
            np.array(self._read, dtype=np.bool_),
        )


def part_columns(parts: Iterable[Iterable[Scored]], *, weighted: bool) -> PartColumns:
    """The parts of a benchmark's measure as columns."""
    right, weights, clusters, places = bytearray(), array("d"), array("q"), array("q")
    for place, part in enumerate(parts):
        for one in part:
            right.append(one.right)
            weights.append(one.item.weight if weighted else 1.0)
            clusters.append(int(one.item.cluster))
            places.append(place)
    return PartColumns(
        np.array(right, dtype=np.float64),
        np.array(weights, dtype=np.float64),
        np.array(clusters, dtype=np.int64),
        np.array(places, dtype=np.int64),
    )


@dataclass(frozen=True, slots=True, eq=False)
class PartColumns:
    """The items of a measure, part by part: 1 or 0 for right or wrong, weight, cluster, part."""

    right: Floats
    weights: Floats
    clusters: Codes
    parts: Codes
