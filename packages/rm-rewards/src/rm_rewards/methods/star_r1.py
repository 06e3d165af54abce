"""STAR-R1: partial credit for a set of (index, attribute, value) triples.

Source: arXiv 2505.15804 [N, two sources]; no code was ever released, so this is a RECONSTRUCTION.

    each prediction: exact 5; index and attribute 1.5; index alone 0.5; else 0
    penalty: - predictions that are not exact - max(0, true - predicted)
    R = format (0 or 1) + points + penalty

Two points that the sources leave open: a prediction that is partly right counts as a miss, and a
repeated prediction is paid again (published form). The published form has no bounds and pays for
guessing as soon as one guess in six is exact. The repaired share lies in [0, 1]:

    share = sum over one-to-one pairs (1, 0.3 or 0.1) / max(true, predicted)

so that each truth pays once, a prediction that pairs with nothing never helps, and all of it is
earned by exactly the true set.

`star_r1_route` has the map form.

Blind to: whether the triples fit together (a route's legs may each be right by themselves only);
near misses of a value, such as the next station.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from rm_rewards.methods.inputs import at_least, within


@dataclass(frozen=True, slots=True)
class Triple:
    """One statement: the object's index, which attribute, and what it is."""

    index: int
    attribute: str
    value: Hashable


@dataclass(frozen=True, slots=True, kw_only=True)
class StarPoints:
    """The published table of points."""

    exact: float = 5.0
    attribute: float = 1.5
    index: float = 0.5
    miss: float = 1.0
    missing: float = 1.0

    def __post_init__(self) -> None:
        for name in ("exact", "attribute", "index", "miss", "missing"):
            at_least(name, 0.0, getattr(self, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class StarScore:
    """The published form's parts; `answer` is without the format.

    Attributes:
        points: What the predictions earn.
        penalty: Zero or less.
        answer: points + penalty.
    """

    points: float
    penalty: float

    @property
    def answer(self) -> float:
        """What the answer earns: no lower bound."""
        return self.points + self.penalty


def published(
    predicted: Sequence[Triple], true: Sequence[Triple], points: StarPoints | None = None
) -> StarScore:
    """The published points and penalty of a set of predictions.

    Example:
        >>> truth = [Triple(2, "color", "cyan"), Triple(5, "size", "large")]
        >>> published([truth[0], Triple(5, "size", "small")], truth).answer
        5.5
    """
    table = points or StarPoints()
    facts = frozenset(true)
    sides = frozenset((t.index, t.attribute) for t in facts)
    indices = frozenset(t.index for t in facts)
    earned, misses = 0.0, 0
    for p in predicted:
        if p in facts:
            earned += table.exact
            continue
        misses += 1
        if (p.index, p.attribute) in sides:
            earned += table.attribute
        elif p.index in indices:
            earned += table.index
    absent = max(0, len(facts) - len(predicted))
    return StarScore(points=earned, penalty=-table.miss * misses - table.missing * absent)


def share(
    predicted: Sequence[Triple],
    true: Sequence[Triple],
    *,
    attribute: float = 0.3,
    index: float = 0.1,
) -> float:
    """The repaired form, in [0, 1]; 1 only for exactly the true set, each triple once.

    Args:
        predicted: What the reply states; a repeated triple counts as one more statement.
        true: The truth; repeated triples are one.
        attribute: What a pair earns that agrees in index and attribute.
        index: What a pair earns that agrees in the index alone.

    Raises:
        RecordError: Unless 0 <= index <= attribute < 1.

    Example:
        >>> truth = [Triple(2, "color", "cyan"), Triple(5, "size", "large")]
        >>> share(truth[:1], truth), share(truth + [Triple(9, "x", i) for i in range(8)], truth)
        (0.5, 0.2)
    """
    within("attribute", 0.0, 0.999, attribute)
    within("index", 0.0, attribute, index)
    facts = list(dict.fromkeys(true))
    size = max(len(predicted), len(facts))
    if not size:
        return 1.0
    earned, rest = 0.0, list(predicted)
    for parts, worth in ((3, 1.0), (2, attribute), (1, index)):
        pairs, rest, facts = _paired(rest, facts, parts)
        earned += worth * pairs
    return min(1.0, earned / size)


def _paired(
    predicted: Sequence[Triple], true: Sequence[Triple], parts: int
) -> tuple[int, list[Triple], list[Triple]]:
    """How many pairs agree in their first parts, and what is left of both sides."""
    waiting: dict[Hashable, list[Triple]] = {}
    for fact in true:
        waiting.setdefault(_key(fact, parts), []).append(fact)
    pairs, rest = 0, list[Triple]()
    for p in predicted:
        facts = waiting.get(_key(p, parts))
        if facts:
            facts.pop(0)
            pairs += 1
        else:
            rest.append(p)
    return pairs, rest, [fact for facts in waiting.values() for fact in facts]


def _key(triple: Triple, parts: int) -> Hashable:
    return (triple.index, triple.attribute, triple.value)[:parts]
