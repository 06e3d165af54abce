"""Ranks that say no more than the answers do: two models change places only if a test tells so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from rm_eval.leaderboard.answers import Answers
from rm_eval.statistics import ALPHA, Pair, holm, paired_test


@dataclass(frozen=True, slots=True)
class Rank:
    """Where a model stands among those that answered the same questions.

    Attributes:
        best: 1 and the number of models that are shown to be better.
        worst: The number of models that are not shown to be worse, itself counted.
        of: How many were compared.
        tied: Places in the list that was ranked of those that it is not shown to differ from.
    """

    best: int
    worst: int
    of: int
    tied: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.best}" if self.best == self.worst else f"{self.best}-{self.worst}"


def ranks(
    entries: Sequence[Sequence[Answers]], comparable: Callable[[int, int], bool]
) -> list[Rank | None]:
    """The rank of each entry among those it can be compared with; None where there are none.

    Every two are compared by the paired sign-flip test over clusters that `rm-eval compare` uses,
    corrected by Holm over all these pairs. An entry of several columns is compared by their plain
    mean: each column counts alike, however many questions it has.

    Args:
        entries: The columns of each model, in one order.
        comparable: Whether the models at two places answered the same questions.
    """
    pairs = [pair for pair in combinations(range(len(entries)), 2) if comparable(*pair)]
    tests = [_tested(entries[one], entries[two]) for one, two in pairs]
    adjusted = holm([p for p, _ in tests])
    better: list[set[int]] = [set() for _ in entries]  # the places shown to be better than each
    tied: list[list[int]] = [[] for _ in entries]
    for (one, two), p, (_, difference) in zip(pairs, adjusted, tests, strict=True):
        if p < ALPHA and difference != 0:
            better[one if difference > 0 else two].add(two if difference > 0 else one)
        else:
            tied[one].append(two)
            tied[two].append(one)
    met = [sum(place in pair for pair in pairs) for place in range(len(entries))]
    return [
        Rank(1 + len(better[at]), 1 + len(better[at]) + len(tied[at]), 1 + met[at], tuple(tied[at]))
        if met[at]
        else None
        for at in range(len(entries))
    ]


def _tested(one: Sequence[Answers], two: Sequence[Answers]) -> tuple[float, float]:
    """The p of the difference, and by how much the second is better."""
    pairs = [
        Pair(
            before,
            after,
            weight if len(one) == 1 else weight / sum(a.weights),
            f"{column}:{cluster}",
        )
        for column, (a, b) in enumerate(zip(one, two, strict=True))
        for before, after, weight, cluster in zip(
            a.right, b.right, a.weights, a.clusters, strict=True
        )
    ]
    test = paired_test(pairs)
    return test.p, test.difference
